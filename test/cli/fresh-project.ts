import type { ProjectFiles } from '../../lib/cli/init/project-files.js';
import { initPlan, type InitOptions, type InitPlan, type OwnManifest } from '../../lib/cli/init/plan.js';

/** The files of a project in memory. */
export class MemoryProject implements ProjectFiles {
  constructor(readonly files: Record<string, string>) {}

  read(path: string): string | undefined {
    return this.files[path];
  }

  /** Does what a plan says. */
  apply({ changes }: InitPlan): string[] {
    for (const { path, text, isNew } of changes) {
      expect([path, isNew]).toEqual([path, this.files[path] === undefined]);
      this.files[path] = text;
    }
    return changes.map(({ path }) => path);
  }

  init(options: InitOptions = {}): InitPlan {
    return initPlan(this, options, OWN);
  }
}

export const OWN: OwnManifest = {
  name: 'nestjs-hcp-vault',
  version: '0.1.0',
  peerDependencies: { '@aws-sdk/client-secrets-manager': '^3.700.0', '@aws-sdk/client-ssm': '^3.700.0' },
};

const module = (name: string, file: string, suffix: string): string => `import { Module } from '@nestjs/common';
import { ${name}Controller } from './${file}.controller${suffix}';
import { ${name}Service } from './${file}.service${suffix}';

@Module({
  imports: [],
  controllers: [${name}Controller],
  providers: [${name}Service],
})
export class ${name}Module {}
`;
const main = (name: string, file: string, suffix: string): string => `import { NestFactory } from '@nestjs/core';
import { ${name}Module } from './${file}.module${suffix}';

async function bootstrap() {
  const app = await NestFactory.create(${name}Module);
  await app.listen(process.env.PORT ?? 3000);
}
${suffix ? 'await ' : ''}bootstrap();
`;

/** What `nest new shop` of Nest 11 or 12 makes, as far as it is read here; as a monorepo, what `nest g app second` makes of it. */
export function freshProject(nest: 11 | 12, kind: 'standalone' | 'monorepo' = 'standalone'): MemoryProject {
  const suffix = nest === 12 ? '.js' : '';
  const tests = nest === 12 ? { vitest: '^4.1.2' } : { jest: '^30.0.0', '@types/jest': '^30.0.0' };
  const manifest = {
    name: 'shop',
    ...(nest === 12 && { type: 'module' }),
    scripts: { test: nest === 12 ? 'vitest run' : 'jest' },
    dependencies: { '@nestjs/common': `^${nest}.0.1`, '@nestjs/core': `^${nest}.0.1`, rxjs: '^7.8.1' },
    devDependencies: { '@nestjs/testing': `^${nest}.0.1`, ...tests },
  };
  const files: Record<string, string> = { 'package.json': `${JSON.stringify(manifest, null, 2)}\n` };
  const app = (sourceRoot: string, name: string, file: string): void => {
    files[`${sourceRoot}/main.ts`] = main(name, file, suffix);
    files[`${sourceRoot}/${file}.module.ts`] = module(name, file, suffix);
  };
  if (kind === 'standalone') {
    files['nest-cli.json'] = JSON.stringify({ sourceRoot: 'src' });
    app('src', 'App', 'app');
  } else {
    const project = (name: string) => ({
      type: 'application',
      root: `apps/${name}`,
      entryFile: 'main',
      sourceRoot: `apps/${name}/src`,
    });
    const projects = { shop: project('shop'), second: project('second') };
    files['nest-cli.json'] = JSON.stringify({
      sourceRoot: 'apps/shop/src',
      monorepo: true,
      root: 'apps/shop',
      projects,
    });
    app('apps/shop/src', 'App', 'app');
    app('apps/second/src', 'Second', 'second');
  }
  return new MemoryProject(files);
}
