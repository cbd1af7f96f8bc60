export { KeyVaultServer } from './key-vault.server.js';
export { CLIENT, TENANT } from './entra.js';
