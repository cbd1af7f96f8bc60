import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { linkedConsumer, needed, root } from './support/packed.js';
import { run, type Outcome } from './support/run.js';
import { installedRuntime, type Runtime } from './support/runtimes.js';

const programs = join(root, 'test/package/consumers/shared/runtimes');
const textOf = (name: string): Promise<string> => readFile(join(programs, name), 'utf8');

/** What each topic of `places.mjs` gives, wherever it runs. */
const TOPICS: readonly (readonly [string, string, unknown])[] = [
  ['rotation', 'each place shows it', { parameter: 'key-1', ref: 'key-2', client: 'key-2', changed: ['KEY'] }],
  ['hiding', 'no way of showing a holder gives a value away', { ref: '[secret KEY]', given: [] }],
  ['watching', 'a file that is written is read at once', 'key-2'],
  ['environment', 'process.env is read at each refresh', 'key-2'],
  ['jobs', 'SchedulerRegistry has them', { every: ['hcp-vault:default:refresh'], cron: ['hcp-vault:default:refresh'] }],
  ['http', 'Vault is read over HTTP, and a refused connection is told', { property: 'key-2', refused: 'VaultConnectionError' }], // prettier-ignore
  ['missing', 'a start that lacks a secret fails by one error', ['SecretBootstrapError', true, 1]],
];

const runtimes: (readonly [string, Runtime])[] = [
  ['Node', { command: process.execPath, args: [] }],
  ['Bun', await installedRuntime('bun')],
  ['Deno', await installedRuntime('deno')],
];

const project = await linkedConsumer([...needed, '@nestjs/schedule'], {
  'package.json': '{"type":"module","private":true}',
  'places.mjs': await textOf('places.mjs'),
  'hidden-cycle.mjs': await textOf('hidden-cycle.mjs'),
  'seed.json': '{"apps":{"shop":{"KEY":"key-1"}}}',
});

/** The tests of a runtime; where it can't be had they are left out with the reason, and with CI=true that is a failure. */
function describeIn(
  name: string,
  runtime: Runtime,
  tests: (runIn: (args: string[], options?: Parameters<typeof run>[2]) => Promise<Outcome>) => void,
): void {
  const title = `the packed tarball in ${name}`;
  if ('command' in runtime) {
    const { command, args } = runtime;
    return describe(title, () =>
      tests((more, options) => run(command, [...args, ...more], { cwd: project, ...options })),
    );
  }
  if (process.env['CI'] === 'true') {
    return describe(title, () => {
      it(`needs the runtime: ${runtime.reason}`, () => {
        throw new Error(runtime.reason);
      });
    });
  }
  process.stderr.write(`left out: ${title}: ${runtime.reason}\n`);
  describe.skip(`${title} (left out: ${runtime.reason})`, () => tests(() => Promise.reject(new Error(runtime.reason))));
}

for (const [name, runtime] of runtimes) {
  describeIn(name, runtime, (runIn) => {
    let outcome: Outcome;
    let seen: Record<string, unknown>;
    beforeAll(async () => {
      outcome = await runIn(['places.mjs']);
      const [, line = '{}'] = /^seen (.*)$/m.exec(outcome.stdout) ?? [];
      seen = JSON.parse(line) as typeof seen;
    });

    it.each(TOPICS)('given %s, when the program runs, then %s', (topic, _, expected) => {
      expect(seen[topic]).toEqual(expected);
    });

    it('given holders that are printed by console, when the program has ended, then by itself, and no value is in what it printed', () => {
      expect(outcome.code).toBe(0);
      expect(outcome.stdout).toContain('[secret KEY]');
      expect(outcome.stdout + outcome.stderr).not.toMatch(/canary-\d/);
    });

    it('given options that wait for themselves unseen, when nothing is left to do, then the process tells, and ends with code 1', async () => {
      const { code, stdout, stderr } = await runIn(['hidden-cycle.mjs'], { env: { NO_COLOR: '1' } });
      expect(stdout + stderr).toContain('its options never came, and nothing is left that could bring them');
      expect(code).toBe(1);
    });

    it('given the command line, when it is asked for a source of an entry, then the installed package gives it', async () => {
      const cli = join(project, 'node_modules/nestjs-hcp-vault/dist/esm/cli.js');
      const { code, stderr } = await runIn([cli, 'get', 'KEY', '--source', 'vault:secret'], {
        env: { VAULT_TOKEN: '', VAULT_AGENT_ADDR: '' },
      });
      expect(stderr).toContain('needs a login');
      expect(code).toBe(2);
    });

    it('given the command line, when an emulator is started and ended by SIGTERM, then it serves, and ends with code 0', async () => {
      const { bin } = JSON.parse(
        await readFile(join(project, 'node_modules/nestjs-hcp-vault/package.json'), 'utf8'),
      ) as {
        bin: Record<string, string>;
      };
      const cli = join(project, 'node_modules/nestjs-hcp-vault', bin['nestjs-hcp-vault']!);
      let status: Promise<number> | undefined;
      const onOutput = (text: string, kill: (signal: NodeJS.Signals) => void): void => {
        const { apiUrl } = JSON.parse(text) as { apiUrl: string };
        status = fetch(apiUrl).then((response) => response.status);
        void status.finally(() => kill('SIGTERM'));
      };
      const { code, stdout } = await runIn([cli, 'emulator', '--seed', 'seed.json'], { onOutput });
      expect(JSON.parse(stdout)).toHaveProperty('environment.HCP_CLIENT_ID');
      expect(await status).toBeGreaterThanOrEqual(400); // it answers: no such path, or no token
      expect(code).toBe(0);
    });
  });
}
