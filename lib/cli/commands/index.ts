import type { ListedCommand } from '../command.js';

/** All commands, in the order of the help. Each is loaded when it is called. */
export const COMMANDS: readonly ListedCommand[] = [
  {
    name: 'get',
    summary: 'read a secret: its shape and version, its value with --reveal',
    load: async () => (await import('./get.command.js')).getCommand,
  },
  {
    name: 'list',
    summary: 'print the names of secrets',
    load: async () => (await import('./list.command.js')).listCommand,
  },
  {
    name: 'exists',
    summary: 'say whether there is a secret',
    load: async () => (await import('./exists.command.js')).existsCommand,
  },
  {
    name: 'set',
    summary: 'write a secret from standard input',
    load: async () => (await import('./set.command.js')).setCommand,
  },
  {
    name: 'watch',
    summary: 'print a line for each change',
    load: async () => (await import('./watch.command.js')).watchCommand,
  },
  {
    name: 'status',
    summary: 'ask the status pages of running apps, and compare them',
    load: async () => (await import('./status.command.js')).statusCommand,
  },
  {
    name: 'exec',
    summary: 'run a command with secrets in its environment',
    failsWith: 125,
    load: async () => (await import('./exec.command.js')).execCommand,
  },
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
