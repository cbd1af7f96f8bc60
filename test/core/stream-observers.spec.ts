import type { Observable } from 'rxjs';
import { firstValueFrom, map, take, toArray } from 'rxjs';
import { HcpVaultClient } from '../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import { memorySource } from '../../lib/sources/memory/index.js';

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

async function connection() {
  const lines: string[] = [];
  const keep = (line: string): void => void lines.push(line);
  const source = memorySource({ KEY: 'canary-1' });
  const runtime = new SecretRuntime({ source, logger: { error: keep, warn: keep, log: keep, debug: () => undefined } });
  const client = new HcpVaultClient(runtime);
  await client.fetch('KEY');
  const rotate = async (value: string): Promise<void> => {
    source.rotate('KEY', value);
    await client.refresh('KEY');
    await settled();
  };
  return { client, lines, rotate, close: () => runtime.shutdown() };
}

type Connection = Awaited<ReturnType<typeof connection>>;

/** Errors that nobody handles: rxjs throws them in a turn of its own, where they would end the process. */
function thrownInTurnsOfTheirOwn(): unknown[] {
  const thrown: unknown[] = [];
  const listener = (error: unknown): void => void thrown.push(error);
  process.on('uncaughtException', listener).on('unhandledRejection', listener);
  restore = () => process.off('uncaughtException', listener).off('unhandledRejection', listener);
  return thrown;
}

let restore: () => unknown = () => undefined;
afterEach(() => restore());

describe('observers of streams', () => {
  const streams: [string, (client: HcpVaultClient) => Observable<unknown>][] = [
    ['changes$ of a ref', (client) => client.ref<string>('KEY').changes$],
    ['rotations$', (client) => client.rotations$],
    ['events$', (client) => client.events$],
  ];
  const fail = (value: unknown): never => {
    const text = typeof value === 'string' ? value : JSON.stringify((value as { current?: string }).current);
    throw new TypeError(`can't use ${text}`);
  };
  const observers: [string, (stream: Observable<unknown>) => unknown][] = [
    ['throws', (stream) => stream.subscribe(fail)],
    ['rejects', (stream) => stream.subscribe((value) => Promise.resolve(value).then(fail) as never)],
    ['throws as an object', (stream) => stream.subscribe({ next: fail })],
    ['is behind an operator that throws', (stream) => stream.pipe(map(fail)).subscribe()],
    ['throws behind operators', (stream) => stream.pipe(map((value) => value), take(9)).subscribe(fail)],
    ['throws of an error', (stream) => stream.pipe(map(fail)).subscribe({ error: () => fail('canary-0') })],
  ]; // prettier-ignore

  it.each(streams.flatMap(([stream, of]) => observers.map(([does, begin]) => [stream, does, of, begin] as const)))(
    'given one of %s that %s, when a rotation comes, then a line tells it without the value, and others hear of it',
    async (_, __, of, begin) => {
      const thrown = thrownInTurnsOfTheirOwn();
      const app: Connection = await connection();
      const heard: unknown[] = [];
      begin(of(app.client));
      of(app.client).subscribe((value) => heard.push(value));
      await app.rotate('canary-2');
      await app.close();
      expect(thrown).toEqual([]);
      expect(app.lines.join('\n')).toMatch(
        /^An observer of secrets of "default" failed: TypeError\n {4}at .*stream-observers/,
      );
      expect(app.lines.join('\n')).not.toContain('canary');
      expect(heard.length).toBeGreaterThan(0);
    },
  );

  it('given one that handles errors, when its operator throws, then it alone is told', async () => {
    const { client, lines, rotate, close } = await connection();
    const caught: unknown[] = [];
    client.rotations$.pipe(map(fail)).subscribe({ error: (error: unknown) => caught.push(error) });
    await rotate('2');
    expect([caught, lines]).toEqual([[expect.any(TypeError)], []]);
    await close();
  });

  it('given streams as promises and through operators, when used as ever, then they give what they gave', async () => {
    const { client, rotate, close } = await connection();
    const ref = client.ref<string>('KEY');
    expect(await firstValueFrom(ref.changes$)).toBe('canary-1');
    const two = firstValueFrom(ref.changes$.pipe(take(2), toArray()));
    const broken = firstValueFrom(ref.changes$.pipe(map(fail)));
    await expect(broken).rejects.toThrow(TypeError);
    const subscription = ref.changes$.subscribe(() => undefined);
    subscription.unsubscribe();
    let isComplete = false;
    ref.changes$.subscribe(undefined, undefined, () => (isComplete = true));
    await rotate('2');
    expect(await two).toEqual(['canary-1', '2']);
    await close();
    expect(isComplete).toBe(true);
  });
});
