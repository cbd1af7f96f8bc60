import { createConnection } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { describeWith } from '../../servers/available.js';
import { freePort, startChild, type ChildServer } from '../../servers/child.server.js';
import { redisBinary } from '../../servers/locations.mjs';
import { runWell } from './run.js';

/** What each program of `consumers/shared/works-with` shows of its places, given the current value. */
const SHOWN: Record<string, (key: string) => unknown> = {
  express: (key) => ['theirs', key, key],
  fastify: (key) => ['theirs', key, key],
  graphql: (key) => ({ id: `a ${key}`, own: key, signed: `a ${key} ${key}` }),
  microservices: (key) => [key, ['theirs', key, key]],
  'event-emitter': (key) => [['theirs', key], key, key],
  cqrs: (key) => [[key, key], key, key],
  // A forged call, then a genuine one.
  'webhook-express': (key) => [key === 'key-1' ? 401 : 204, [key]],
  'webhook-fastify': (key) => [key === 'key-1' ? 401 : 204, [key]],
  'guard-express': guarded,
  'guard-fastify': guarded,
  'status-express': statusPage,
  'status-fastify': statusPage,
  // The second token was signed before the rotation.
  jwt: (key) => [['b', key], key === 'key-1' ? ['a', key] : 401],
};

/** The secret's place where it was about to get out, and that the app itself has the current value. */
function guarded(key: string): unknown {
  return {
    body: { key: '[secret KEY]', replaced: '[secret KEY]', known: key === 'key-1' ? 0 : 1 },
    header: 'Bearer [secret KEY]',
    message: 'refused: [secret KEY]',
    raw: `written: ${'*'.repeat('canary-of-the-guard-1'.length)}`, // as long as it was
    lines: ['taken: [secret KEY]'],
  };
}

/** Who has no badge is refused, by the page's own guard; the version, who is given it, and whether the page came whole. */
function statusPage(key: string): unknown {
  return [403, [[key === 'key-1' ? '1' : '2', ['Payments']]], true];
}

export async function outputOf(project: string, program: string, env: Record<string, string> = {}): Promise<unknown> {
  const path = join(project, `dist/works-with/${program}.main.js`);
  return JSON.parse(await runWell(process.execPath, [path], { cwd: project, env })) as unknown;
}

async function startRedis(password: string): Promise<{ port: number; server: ChildServer }> {
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--requirepass', password, '--save', ''];
  const ready = async (): Promise<boolean> => {
    const socket = createConnection(port, '127.0.0.1');
    await once(socket, 'connect');
    return socket.destroy().destroyed;
  };
  return { port, server: await startChild({ command: redisBinary()!, args, ready }) };
}

/** What probes of `health.ts` are told. An outage keeps the app in service. */
export const PROBED = {
  well: { ready: 200, level: 'up', problems: [], live: 200, shows: false },
  away: { ready: 200, level: 'degraded', problems: ['ENDS failing', 'KEY failing'], live: 200, shows: false },
  ended: {
    ready: 503,
    level: 'down',
    problems: ['ENDS ended', 'KEY failing', 'POOL not-there'],
    live: 200,
    shows: false,
  },
  again: { ready: 200, level: 'up', problems: [], live: 200, shows: false },
  closing: { ready: 503, work: 200 },
};

/** Registers a test for each program, in a compiled consumer. */
export function testPrograms(title: string, project: string): void {
  describe(title, () => {
    it.each(Object.entries(SHOWN))(
      'given %s, when a secret rotates, then each place shows it and nothing of the caller’s, and the process ends by itself',
      async (program, shown) => {
        expect(await outputOf(project, program)).toEqual({ before: shown('key-1'), after: shown('key-2') });
      },
    );
  });
  describe(title, () => {
    it.each(['express', 'fastify'])(
      'given Terminus on %s, when the source is away, a required secret ends, and the app ends by a signal, then the probes are told',
      async (platform) => expect(await outputOf(project, `health-${platform}`)).toEqual(PROBED),
    );
  });
  describeWith(['redis'], title, () => {
    it('given bullmq with its password as a secret, when a secret rotates, then each place shows it and nothing of the caller’s, and the process ends by itself', async () => {
      const { port, server } = await startRedis('made-up');
      const environment = { REDIS_PORT: String(port), REDIS_PASSWORD: 'made-up' };
      const shown = (key: string) => ['to a', key, key];
      const output = await outputOf(project, 'bullmq', environment).finally(() => server.stop());
      expect(output).toEqual({ before: shown('key-1'), after: shown('key-2') });
    });
  });
}
