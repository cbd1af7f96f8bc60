export { HcpVaultSecretsEmulator } from './emulator.js';
export type { EmulatorOptions } from './emulator.js';
export type { HcpEnvironment } from './emulator.environment.js';
export type { EmulatorFault } from './emulator.faults.js';
export type { EmulatedRequest } from './emulator.journal.js';
export type { SecretSpec, Seed } from './emulator.seed.js';
export type { EmulatorKeyPair } from './emulator.tls.js';
