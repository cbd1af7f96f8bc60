import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { filesIn, installedTool } from './packed.js';
import { run, runWell, type Outcome } from './run.js';

/** What apps are made with. What a fresh app names beside these (linters, formatters) is left out, so that it is installed in less time. */
const PINNED = {
  11: {
    cli: '11.0.24',
    versions: {
      '@nestjs/common': '11.2.10',
      '@nestjs/core': '11.2.10',
      '@nestjs/platform-express': '11.2.10',
      '@nestjs/testing': '11.2.6',
      '@types/express': '5.0.6',
      '@types/jest': '30.0.0',
      '@types/node': '24.13.3',
      jest: '30.5.2',
      'reflect-metadata': '0.2.2',
      rxjs: '7.8.2',
      'ts-jest': '29.4.15',
      typescript: '5.9.3',
    },
  },
  12: {
    cli: '12.0.8',
    versions: {
      '@nestjs/common': '12.5.1',
      '@nestjs/core': '12.5.1',
      '@nestjs/platform-express': '12.5.1',
      '@nestjs/testing': '12.1.1',
      '@types/node': '24.13.3',
      'reflect-metadata': '0.2.2',
      rxjs: '7.8.2',
      typescript: '6.0.3',
      'vite-tsconfig-paths': '5.1.4',
      vitest: '4.1.12',
    },
  },
} as const;

export type Nest = keyof typeof PINNED;

/** The Nest CLI, installed apart: what `npm install -g @nestjs/cli` gives. */
export class NestCli {
  private constructor(
    private readonly nest: Nest,
    private readonly folder: string,
  ) {}

  static async installed(nest: Nest): Promise<NestCli> {
    return new NestCli(nest, await installedTool(`@nestjs/cli@${PINNED[nest].cli}`));
  }

  run(args: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Outcome> {
    const cli = join(this.folder, 'node_modules/@nestjs/cli/bin/nest.js');
    return run(process.execPath, [cli, ...args], { cwd, env: { NO_COLOR: '1', ...env } });
  }

  /** `nest new`, without dependencies yet. */
  async fresh(name: string): Promise<string> {
    const flags = ['--skip-install', '--skip-git', '--package-manager', 'npm'];
    const { code, stdout, stderr } = await this.run(
      ['new', name, ...flags, ...(this.nest === 12 ? ['--no-observe'] : [])],
      this.folder,
    );
    const app = join(this.folder, name);
    const text = await readFile(join(app, 'package.json'), 'utf8').catch(() => undefined);
    if (code !== 0 || text === undefined) throw new Error(`nest new ended with ${code}\n${stdout}\n${stderr}`);
    const manifest = JSON.parse(text) as Record<string, Record<string, string>>;
    const versions: Record<string, string> = PINNED[this.nest].versions;
    for (const kind of ['dependencies', 'devDependencies']) {
      manifest[kind] = Object.fromEntries(
        Object.keys(manifest[kind] ?? {}).flatMap((key) => (versions[key] ? [[key, versions[key]]] : [])),
      );
    }
    await writeFile(join(app, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    return app;
  }

  async install(app: string): Promise<void> {
    const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    await runWell('npm', ['install', ...flags], { cwd: app });
    // The app's own CLI is the same one.
    await mkdir(join(app, 'node_modules/@nestjs'), { recursive: true });
    await symlink(join(this.folder, 'node_modules/@nestjs/cli'), join(app, 'node_modules/@nestjs/cli')).catch(
      () => undefined,
    );
  }
}

/** All that an app has but its packages and builds, by path. */
export async function textsOf(app: string): Promise<Record<string, string>> {
  const paths = (await filesIn(app)).filter((path) => !/^(node_modules|dist)\/|^package-lock\.json$/.test(path));
  return Object.fromEntries(
    await Promise.all(paths.map(async (path) => [path, await readFile(join(app, path), 'utf8')] as const)),
  );
}
