import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { transform } from '@swc/core';
import { linkedConsumer, needed, root, tarball } from '../package/support/packed.js';
import { run } from '../package/support/run.js';
import { canaries } from './program/canaries.js';

interface Testimony {
  readonly found: { seen: Record<string, string>; rotated: Record<string, unknown>; tokens: boolean };
  readonly shown: number;
  readonly failures: string[];
  readonly leaks: string[];
}

let project: string;

beforeAll(async () => {
  expect(tarball).toMatch(/\.tgz$/);
  const folder = join(root, 'test/canary/program');
  const files: Record<string, string> = {};
  for (const name of await readdir(folder)) {
    const { code } = await transform(await readFile(join(folder, name), 'utf8'), {
      filename: name,
      sourceMaps: false,
      jsc: {
        target: 'es2022',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
      },
      module: { type: 'es6' },
    });
    files[name.replace(/\.ts$/, '.js')] = code;
  }
  const others = [
    '@nestjs/config',
    '@nestjs/schedule',
    '@nestjs/platform-express',
    'zod',
    'class-transformer',
    'lodash',
    'pino',
  ];
  const dependencies = [...needed, ...others];
  project = await linkedConsumer(dependencies, { ...files, 'package.json': '{"type":"module"}' });
});

/** Which canaries stand in a text, by their names; a failing test must not print them itself. */
const canariesIn = (text: string): string[] =>
  Object.entries(canaries)
    .filter(([, canary]) => text.includes(canary))
    .map(([name]) => name);

describe('canary values as secrets, tokens and client secrets', () => {
  it('given an app that prints all it holds while everything fails, when its output is searched, then there is none', async () => {
    const before = await readdir(project);
    const testimony = join(project, 'testimony.json');
    const { code, stdout, stderr } = await run(process.execPath, ['main.js', 'run', testimony], { cwd: project });
    const output = stdout + stderr;
    expect(canariesIn(output)).toEqual([]);
    expect([code, code === 0 || output.slice(-4000)]).toEqual([0, true]);
    const { found, shown, failures, leaks } = JSON.parse(await readFile(testimony, 'utf8')) as Testimony;
    expect(leaks).toEqual([]);
    // What makes the search worth something: the secrets were there, the errors happened, the logs spoke.
    const right = {
      key: found.seen['key'] === canaries.first && found.rotated['key'] === canaries.second,
      password: found.seen['password'] === canaries.password && found.rotated['password'] === canaries.nextPassword,
      call: found.seen['call'] === canaries.first,
      view: found.seen['view'] === canaries.first,
      absent: found.seen['absent'] === canaries.fallback,
      tokens: found.tokens,
    };
    expect(right).toEqual({ key: true, password: true, call: true, view: true, absent: true, tokens: true });
    expect(failures.length).toBeGreaterThan(55);
    expect(shown).toBeGreaterThan(200);
    expect(found.rotated['events']).toBe(1);
    expect(output).toContain('Live.rotated');
    expect((await readdir(project)).filter((file) => !before.includes(file))).toEqual(['testimony.json']);
  });

  it('given callbacks of every kind that throw what they know, when the output is searched, then there is none', async () => {
    const testimony = join(project, 'callbacks.json');
    const { code, stdout, stderr } = await run(process.execPath, ['main.js', 'callbacks', testimony], { cwd: project });
    const output = stdout + stderr;
    expect(canariesIn(output)).toEqual([]);
    expect([code, code === 0 || output.slice(-4000)]).toEqual([0, true]);
    const { found, failures, leaks } = JSON.parse(await readFile(testimony, 'utf8')) as {
      found: { thrown: number };
      failures: string[];
      leaks: string[];
    };
    expect(leaks).toEqual([]);
    expect(failures.length).toBe(9);
    expect(found.thrown).toBeGreaterThan(25);
    for (const place of [
      'Careless.atOnce',
      'Careless.later',
      '"CREATED"',
      '"VALIDATED"',
      '"DISPOSED"',
      'An observer',
    ]) {
      expect(output).toContain(place);
    }
    expect(output).toMatch(/SyntaxError\n {4}at JSON\.parse/); // where it was thrown is told
  });

  it('given secrets that everybody has read, when they are rotated, then no old value is left in the heap', async () => {
    const testimony = join(project, 'old-values.json');
    const args = ['--expose-gc', 'main.js', 'old-values', testimony];
    const { code, stdout, stderr } = await run(process.execPath, args, { cwd: project });
    expect([code, code === 0 || stdout + stderr]).toEqual([0, true]);
    expect(JSON.parse(await readFile(testimony, 'utf8'))).toEqual({
      old: [false, false],
      current: true, // the search finds what there is
      read: expect.any(Number),
    });
  });

  it('given names with terminal escapes, when they are asked for, then none of them reaches the output as such', async () => {
    const testimony = join(project, 'names.json');
    const env = { NO_COLOR: '1' };
    const { code, stdout, stderr } = await run(process.execPath, ['main.js', 'names', testimony], {
      cwd: project,
      env,
    });
    const output = stdout + stderr;
    expect(code).toBe(0);
    const { failures } = JSON.parse(await readFile(testimony, 'utf8')) as Testimony;
    expect(failures.length).toBeGreaterThan(100);
    const raw = [...output].filter((sign) => sign !== '\n' && /[\p{Cc}\p{Cs}\u2028\u202e]/u.test(sign));
    expect([...new Set(raw)].map((sign) => JSON.stringify(sign))).toEqual([]);
    expect(output).not.toMatch(/^ERROR forged/m);
  });

  it('given a start that fails with Nest’s default of aborting, when its log is searched, then there is none', async () => {
    const { code, stdout, stderr } = await run(process.execPath, ['main.js', 'abort'], { cwd: project });
    const output = stdout + stderr;
    expect(canariesIn(output)).toEqual([]);
    expect(code).not.toBe(0);
    for (const name of ['API_KEY', 'MISSING', 'DB', 'MORE']) expect(output).toContain(name);
  });

  it('given a program that leaks on purpose, when it is searched, then every leak is found', async () => {
    const testimony = join(project, 'confession.json');
    const { stdout, stderr } = await run(process.execPath, ['main.js', 'confess', testimony], { cwd: project });
    expect(canariesIn(stdout)).toEqual(['clientSecret', 'first', 'dynamic']);
    expect(canariesIn(stderr)).toEqual(['clientSecret']);
    const { leaks } = JSON.parse(await readFile(testimony, 'utf8')) as Testimony;
    expect(leaks).toEqual([
      'an error shows clientSecret',
      'an error › cause shows clientSecret',
      'an object shows first',
      'a map shows dynamic',
      'process.env.CONFESSED holds a canary after that',
    ]);
  });
});
