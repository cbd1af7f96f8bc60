import type { ListedCommand } from '../command.js';

/** All commands, in the order of the help. Each is loaded when it is called. */
export const COMMANDS: readonly ListedCommand[] = [
  {
    name: 'init',
    summary: 'add the package to the Nest app in this folder',
    load: async () => (await import('./init.command.js')).initCommand,
  },
  {
    name: 'emulator',
    summary: 'serve HCP Vault Secrets on a loopback port, for tests',
    load: async () => (await import('./emulator.command.js')).emulatorCommand,
  },
];
