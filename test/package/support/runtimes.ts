import { join } from 'node:path';
import { installedTool } from './packed.js';
import { runWell } from './run.js';

/** Another runtime than Node, or why it can't be had here. */
export type Runtime = { readonly command: string; readonly args: readonly string[] } | { readonly reason: string };

/** The packages of npm that hold them, by platform; of libc there is glibc's alone. */
const BINARIES: Record<'bun' | 'deno', { packages: Record<string, string>; file: string; args: string[] }> = {
  bun: {
    packages: { 'linux-x64': '@oven/bun-linux-x64@1.4.5', 'linux-arm64': '@oven/bun-linux-aarch64@1.4.5' },
    file: 'bin/bun',
    args: [],
  },
  deno: {
    packages: { 'linux-x64': '@deno/linux-x64-glibc@2.9.6', 'linux-arm64': '@deno/linux-arm64-glibc@2.9.6' },
    file: 'deno',
    args: ['run', '--no-prompt', '--allow-env', '--allow-net', '--allow-read', '--allow-write', '--allow-sys'],
  },
};

export async function installedRuntime(name: keyof typeof BINARIES): Promise<Runtime> {
  const { packages, file, args } = BINARIES[name];
  const platform = `${process.platform}-${process.arch}`;
  const specifier = packages[platform];
  if (!specifier) return { reason: `no package of ${name} is named here for ${platform}` };
  try {
    const folder = join(await installedTool(specifier), 'node_modules', specifier.replace(/@[\d.]+$/, ''));
    const command = join(folder, file);
    await runWell(command, ['--version']);
    return { command, args };
  } catch (error) {
    return { reason: `${specifier} can't be installed or run: ${(error as Error).message.slice(0, 200)}` };
  }
}
