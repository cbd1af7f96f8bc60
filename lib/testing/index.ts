export { HcpVaultSecretsEmulator } from './emulator/index.js';
export type {
  EmulatedRequest,
  EmulatorFault,
  EmulatorKeyPair,
  EmulatorOptions,
  HcpEnvironment,
  SecretSpec,
  Seed,
} from './emulator/index.js';
