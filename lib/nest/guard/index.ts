export { secretsGuard, SecretsGuard } from '../../core/guard/secrets-guard.js';
export type { GuardedClient, SecretsGuardStatus } from '../../core/guard/secrets-guard.js';
export type { SecretsGuardOptions } from '../../core/guard/guard-options.js';
export type { CatchPlace, CaughtSecret } from '../../core/guard/catches.js';
export type { PinoHooks, WinstonFormat } from '../../core/guard/logger-hooks.js';
export type { NestLogger } from '../../core/guard/masked-logger.js';
export { SecretsGuardInterceptor } from './secrets-guard.interceptor.js';
