import type { ListedCommand } from '../command.js';

/** All commands, in the order of the help. Each is loaded when it is called. */
export const COMMANDS: readonly ListedCommand[] = [
  {
    name: 'init',
    summary: 'add the package to the Nest app in this folder',
    load: async () => (await import('./init.command.js')).initCommand,
  },
  {
    name: 'diff',
    summary: 'compare what two sources hold, without their values',
    load: async () => (await import('./diff.command.js')).diffCommand,
  },
  {
    name: 'copy',
    summary: 'copy what a source holds to another',
    load: async () => (await import('./copy.command.js')).copyCommand,
  },
  {
    name: 'types',
    summary: 'write the TypeScript types of what a source holds',
    load: async () => (await import('./types.command.js')).typesCommand,
  },
  {
    name: 'policy',
    summary: 'print the least rights that an app needs',
    load: async () => (await import('./policy.command.js')).policyCommand,
  },
  {
    name: 'doctor',
    summary: 'find out why a source can’t be read',
    load: async () => (await import('./doctor.command.js')).doctorCommand,
  },
  {
    name: 'emulator',
    summary: 'serve HCP Vault Secrets on a loopback port, for tests',
    load: async () => (await import('./emulator.command.js')).emulatorCommand,
  },
];
