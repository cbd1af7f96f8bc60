export { HcpVaultHealthIndicator } from './hcp-vault-health.indicator.js';
export type { HealthCheckOptions, HealthData } from './hcp-vault-health.indicator.js';
export type {
  ConnectionHealth,
  HealthLevel,
  ResourceTrouble,
  SecretProblem,
  SecretTrouble,
} from '../../core/health/connection-health.js';
