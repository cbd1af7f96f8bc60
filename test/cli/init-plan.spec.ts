import { readFileSync } from 'node:fs';
import { check, format } from 'prettier';
import ts from 'typescript';
import { SOURCES } from '../../lib/cli/init/source-choice.js';
import { errorsOf } from '../docs/compiler.js';
import { freshProject, type MemoryProject } from './fresh-project.js';

const sources = SOURCES.map(({ name }) => name);
const written = [
  '.env.example',
  '.gitignore',
  'package.json',
  'src/app.module.ts',
  'src/secrets.spec.ts',
  'src/secrets.ts',
];
/** Of a fresh app of Nest. */
const style = { singleQuote: true, trailingComma: 'all', parser: 'typescript' } as const;

const syntaxErrors = (text: string): string[] =>
  (ts.transpileModule(text, { reportDiagnostics: true }).diagnostics ?? []).map(({ messageText }) =>
    String(messageText),
  );

describe('init in a fresh app', () => {
  it.each([11, 12] as const)(
    'given Nest %i, when it is done, then the module, types, a test and names are there',
    (nest) => {
      const project = freshProject(nest);
      expect(project.apply(project.init()).sort()).toEqual(written);
      const suffix = nest === 12 ? '.js' : '';
      expect(project.read('src/app.module.ts')).toContain(
        `import { AppService } from './app.service${suffix}';\nimport { secretsModule } from './secrets${suffix}';\n`,
      );
      expect(project.read('src/app.module.ts')).toContain('imports: [secretsModule],');
      expect(project.read('src/secrets.ts')).toContain('EXAMPLE_KEY: string;');
      expect(project.read('src/secrets.spec.ts')!.includes(`from 'vitest'`)).toBe(nest === 12);
      expect(project.read('.gitignore')).toBe('.env\n');
      expect(JSON.parse(project.read('package.json')!).dependencies).toMatchObject({ 'nestjs-hcp-vault': '^0.1.0' });
    },
  );

  it.each(sources)(
    'given the source %s, when it is done, then what is written is whole, formatted, and holds no value',
    async (source) => {
      const project = freshProject(11);
      project.apply(project.init({ source }));
      for (const path of ['src/secrets.ts', 'src/secrets.spec.ts', 'src/app.module.ts']) {
        expect([path, syntaxErrors(project.read(path)!)]).toEqual([path, []]);
        expect([path, await check(project.read(path)!, style)]).toEqual([path, true]);
      }
      const lines = project
        .read('.env.example')!
        .trim()
        .split('\n')
        .filter((line) => !line.startsWith('#'));
      expect(lines).toEqual(expect.arrayContaining(['EXAMPLE_KEY=']));
      for (const line of lines) expect(line).toMatch(/^[A-Z_]+=$/);
      for (const name of project.read('src/secrets.ts')!.matchAll(/process\.env\.((?!NODE_ENV)\w+)/g)) {
        expect(lines).toContain(`${name[1]}=`);
      }
    },
  );

  it('given all sources, when what is written for them is compiled, then there is no error', () => {
    const snippets = sources.map((source) => {
      const project = freshProject(12);
      project.apply(project.init({ source }));
      return { place: `${source}:1`, code: project.read('src/secrets.ts')! };
    });
    expect(errorsOf(snippets)).toEqual([]);
  }, 60_000);

  it('given SecretTypes with names and types of the app, when the example test is compiled, then there is no error', () => {
    const project = freshProject(12);
    project.apply(project.init());
    const written = project.read('src/secrets.spec.ts')!.replace("from 'vitest'", "from '@jest/globals'");
    const literal = written.replace(/untyped\(('[^']*')\)/, '$1').replace(', untyped', '');
    const types = `declare module 'nestjs-hcp-vault' { interface SecretTypes { DB: { password: string } } }`;
    const found = errorsOf([
      { place: 'written:1', code: written + types },
      { place: 'literal:1', code: literal }, // as it was
    ]);
    expect(found).toEqual([expect.stringMatching(/^literal:\d+ .*EXAMPLE_KEY/)]);
  }, 60_000);

  it.each(sources)('given the source %s, when it is done twice, then the second time changes nothing', (source) => {
    const project = freshProject(12);
    project.apply(project.init({ source }));
    expect(project.init({ source })).toMatchObject({ changes: [], needsInstall: false });
    // Nor what the user has taken out since.
    delete project.files['src/secrets.spec.ts'];
    project.files['.env.example'] = '';
    expect(project.init({ source: 'vault' })).toMatchObject({
      changes: [],
      needsInstall: false,
      notes: ['src/secrets.ts is there, and was left as it is.'],
    });
  });

  it('given a source of AWS, when it is done, then its SDK is a dependency, in the range of our peers', () => {
    const project = freshProject(12);
    const plan = project.init({ source: 'aws-ssm' });
    project.apply(plan);
    expect(plan.needsInstall).toBe(true);
    const { dependencies } = JSON.parse(project.read('package.json')!);
    expect(Object.keys(dependencies)).toEqual([...Object.keys(dependencies)].sort());
    expect(dependencies).toMatchObject({ '@aws-sdk/client-ssm': '^3.700.0' });
    expect(dependencies).not.toHaveProperty('@aws-sdk/client-secrets-manager');
  });

  it('given dependencies that are there, when it is done, then package.json is left alone', () => {
    const project = freshProject(12);
    const manifest = JSON.parse(project.read('package.json')!);
    const dependencies = { ...manifest.dependencies, 'nestjs-hcp-vault': '^0.0.9', '@aws-sdk/client-ssm': '3.900.0' };
    project.files['package.json'] = JSON.stringify({ ...manifest, dependencies });
    expect(project.apply(project.init({ source: 'aws-ssm' }))).not.toContain('package.json');
  });

  it('given package.json with tabs, no end of line and CRLF, when it is done, then they stay', () => {
    const project = freshProject(11);
    const text = JSON.stringify(JSON.parse(project.read('package.json')!), null, '\t').replaceAll('\n', '\r\n');
    project.files['package.json'] = text;
    project.apply(project.init());
    expect(project.read('package.json')).toBe(
      text.replace('"@nestjs/core": "^11.0.1",\r\n', (line) => `${line}\t\t"nestjs-hcp-vault": "^0.1.0",\r\n`),
    );
  });

  it('given .env.example and .gitignore, when it is done, then what they lack is added', () => {
    const project = freshProject(11);
    project.files['.env.example'] = 'PORT=\nexport AWS_REGION=\n';
    project.files['.gitignore'] = 'dist\n/.env';
    project.apply(project.init({ source: 'aws-sm' }));
    expect(project.read('.env.example')).toMatch(/^PORT=\nexport AWS_REGION=\n# .*\nEXAMPLE_KEY=\n$/);
    expect(project.read('.gitignore')).toBe('dist\n/.env');
    const other = freshProject(11);
    other.files['.gitignore'] = 'dist\n.env.local';
    other.apply(other.init());
    expect(other.read('.gitignore')).toBe('dist\n.env.local\n.env\n');
  });
});

describe('init and .gitignore', () => {
  it.each([
    ['.env', true],
    ['/.env', true],
    ['**/.env', true],
    ['.env*', true],
    ['.env.*', false], // .env.local, and not .env
    ['.env/', false],
    ['.env\n!.env', false],
    ['!.env\n.env', true],
    ['.env*\n!.env.example', true],
    ['# .env', false],
  ])('given %j, when it is done, then git ignores .env', (text, isIgnored) => {
    const project = freshProject(11);
    project.files['.gitignore'] = text;
    project.apply(project.init());
    expect(project.read('.gitignore')).toBe(isIgnored ? text : `${text}\n.env\n`);
  });
});

describe('init and byte order marks', () => {
  it('given texts that Windows wrote, when it is done, then they are read, and keep their mark', () => {
    const project = freshProject(11);
    for (const path of Object.keys(project.files)) project.files[path] = `\ufeff${project.files[path]}`;
    expect(project.apply(project.init())).toEqual(expect.arrayContaining(['package.json', 'src/app.module.ts']));
    for (const path of ['package.json', 'src/app.module.ts']) {
      expect(project.read(path)).toMatch(/^\ufeff[^\ufeff]+$/);
      expect(project.read(path)).toMatch(/secretsModule|"nestjs-hcp-vault": /);
    }
  });
});

describe('init in a monorepo', () => {
  it.each([
    [{}, 'apps/shop/src', 'app'],
    [{ project: 'second' }, 'apps/second/src', 'second'],
    [{ sourceRoot: 'apps/second/src' }, 'apps/second/src', 'second'],
  ])('given %j, when it is done, then the app in %s has it, and the other is left alone', (options, folder, file) => {
    const project = freshProject(12, 'monorepo');
    const paths = project
      .apply(project.init({ ...options, source: 'aws-sm' }))
      .filter((path) => path.startsWith('apps/'));
    expect(paths.sort()).toEqual(
      [`${folder}/${file}.module.ts`, `${folder}/secrets.spec.ts`, `${folder}/secrets.ts`].sort(),
    );
    const name = folder.split('/')[1];
    expect(project.read(`${folder}/secrets.ts`)).toContain(`awsSecretsManager({ prefix: '${name}/' })`);
  });

  it('given both of its apps, one after the other, when it is done, then each has it', () => {
    const project = freshProject(11, 'monorepo');
    project.apply(project.init({ project: 'shop' }));
    expect(project.apply(project.init({ project: 'second', source: 'vault' })).sort()).toEqual([
      '.env.example',
      'apps/second/src/second.module.ts',
      'apps/second/src/secrets.spec.ts',
      'apps/second/src/secrets.ts',
    ]);
    expect(project.init({ project: 'shop' }).changes).toEqual([]);
  });

  it('given a project that is none, when it is asked for, then the error names those that there are', () => {
    expect(() => freshProject(11, 'monorepo').init({ project: 'shpo' })).toThrow(
      'nest-cli.json has no project "shpo": there are shop, second.',
    );
    expect(() => freshProject(11).init({ project: 'shop' })).toThrow('has no project "shop": it has no projects.');
  });
});

describe('init where it can not go on', () => {
  const without = (path: string, text?: string): MemoryProject => {
    const project = freshProject(11);
    if (text === undefined) delete project.files[path];
    else project.files[path] = text;
    return project;
  };

  it.each([
    ['no package.json', without('package.json'), 'there is no package.json here'],
    ['a package.json without Nest', without('package.json', '{}'), 'names no @nestjs/core'],
    [
      'a package.json that is broken',
      without('package.json', '{ "token": canary'),
      'package.json is not a JSON object.',
    ],
    ['a nest-cli.json that is broken', without('nest-cli.json', '[]'), 'nest-cli.json is not a JSON object.'],
    ['no main.ts', without('src/main.ts'), 'src/main.ts is not there'],
    [
      'sources elsewhere',
      without('nest-cli.json', '{ "sourceRoot": "../other/src" }'),
      'not in a folder of this project',
    ],
    [
      'a secrets.ts of its own',
      without('src/secrets.ts', 'export const mine = 1;'),
      'src/secrets.ts is there, and exports no secretsModule',
    ],
  ])('given %s, when it is tried, then the error says so, and quotes nothing', (_, project, text) => {
    let message = '';
    try {
      project.init();
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain(text);
    expect(message).not.toContain('canary');
  });

  it.each([
    ['hcp', 'HCP Vault Secrets was shut down'],
    ['aws', 'take one of file, env, dir, vault, aws-sm, aws-ssm, gcp, azure, k8s.'],
  ])('given the source %s, when it is tried, then the error says what there is', (source, text) => {
    expect(() => freshProject(11).init({ source })).toThrow(text);
  });

  it.each([
    ['main.ts without NestFactory', 'src/main.ts', 'export {};'],
    [
      'a module that is made by a function',
      'src/main.ts',
      `import { NestFactory } from '@nestjs/core';\nNestFactory.create(make());`,
    ],
    [
      'a module with a regular expression',
      'src/app.module.ts',
      `import { Module } from '@nestjs/common';\n@Module({ imports: [A.of(/'/)] })\nexport class AppModule {}`,
    ],
  ])('given %s, when it is done, then that file stays as it is, and the lines to add are told', (_, path, text) => {
    const project = freshProject(11);
    project.files[path] = text;
    const { 'src/app.module.ts': before } = project.files;
    const plan = project.init();
    project.apply(plan);
    expect(project.read('src/app.module.ts')).toBe(before);
    expect(plan.notes.join('\n')).toContain(
      `import { secretsModule } from './secrets';\n  @Module({ imports: [secretsModule, …] })`,
    );
    expect(project.read('src/secrets.ts')).toContain('secretsModule');
  });

  it.each([
    ['aws-sm', '{ json: true, optional: true }'],
    ['vault', '{ json: true, optional: true }'],
    ['dir', '{ optional: true }'],
  ])(
    'given the source %s, when it is done, then the file of development gives what it gives: %s',
    (source, options) => {
      const project = freshProject(11);
      project.apply(project.init({ source }));
      expect(project.read('src/secrets.ts')).toContain(`fileSource('.env', ${options})`);
    },
  );

  it.each([
    ['ConfigModule.forRoot({ isGlobal: true })', true],
    ['ConfigModule.forRoot({ ignoreEnvFile: true })', false],
    [`ConfigModule.forRoot({ envFilePath: 'settings.env' })`, false],
    ['UsersModule', false],
  ])(
    'given a root module with %s, when it is done, then it is told that .env goes into the environment: %s',
    (imported, isTold) => {
      const project = freshProject(11);
      project.files['src/app.module.ts'] = project.files['src/app.module.ts']!.replace(
        'imports: []',
        `imports: [${imported}]`,
      );
      expect(/copies \.env into process\.env/.test(project.init().notes.join('\n'))).toBe(isTold);
    },
  );

  it('given an app that imports HcpVaultModule, when it is tried, then nothing is changed', () => {
    const project = freshProject(11);
    project.files['src/app.module.ts'] = project.files['src/app.module.ts']!.replace(
      'imports: []',
      'imports: [HcpVaultModule.forRoot()]',
    );
    const { notes, ...plan } = project.init({ source: 'aws-sm' });
    expect(plan).toEqual({ changes: [], needsInstall: false });
    // What was done, what was not, and how it goes on.
    expect(notes[0]).toBe('src/app.module.ts names HcpVaultModule already: nothing was changed.');
    expect(notes[1]).toMatch(/^Not written: secrets\.ts .*the source aws-sm, secrets\.spec\.ts, \.env\.example/);
    expect(notes[2]).toMatch(/^package\.json does not name nestjs-hcp-vault: install it/);
    expect(notes.slice(3).join('\n')).toMatch(/Next: @InjectSecret[^]*run this again/);
    project.files['package.json'] = JSON.stringify({
      dependencies: { '@nestjs/core': '11', 'nestjs-hcp-vault': '0.1' },
    });
    expect(project.init().notes.join('\n')).not.toMatch(/install it|the source/);
  });

  it('given no runner of tests, when it is done, then there is no example test, and it says so', () => {
    const project = freshProject(11);
    project.files['package.json'] = JSON.stringify({ dependencies: { '@nestjs/core': '11' } });
    const plan = project.init();
    expect(project.apply(plan)).not.toContain('src/secrets.spec.ts');
    expect(plan.notes[0]).toContain('No example test');
  });
});

describe('docs/nest-add.md', () => {
  it('given its secrets.ts, when it is compared, then it is what is written for Vault', async () => {
    const [, shown] = /```ts\n([^]*?)```/.exec(readFileSync('docs/nest-add.md', 'utf8'))!;
    const project = freshProject(12);
    project.apply(project.init({ source: 'vault' }));
    expect(await format(shown!, style)).toBe(project.read('src/secrets.ts'));
  });
});

describe('the schematic’s question', () => {
  it('given the sources, when its schema is read, then it offers these, by these titles', () => {
    const { properties } = JSON.parse(readFileSync('schematics/schema.json', 'utf8'));
    expect(properties.source['x-prompt'].items).toEqual(
      SOURCES.map(({ name, title }) => ({ value: name, label: title })),
    );
  });
});
