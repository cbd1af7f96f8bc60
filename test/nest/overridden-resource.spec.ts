import { Test } from '@nestjs/testing';
import { getSecretToken, HcpVaultClient, HcpVaultModule, memorySource, rotatingProvider } from 'nestjs-hcp-vault';
import type { Rotating } from 'nestjs-hcp-vault';

const refused = new Error('refused');

async function appWith(
  secrets: Record<string, string>,
  override: { useValue: unknown } | { useFactory: () => unknown },
) {
  const log: string[] = [];
  const source = memorySource(secrets);
  const reads: string[] = [];
  const { read } = source;
  source.read = (names, context) => {
    reads.push(...names);
    return read.call(source, names, context);
  };
  const pool = rotatingProvider({
    provide: 'POOL',
    secret: 'DB',
    create: (secret) => {
      log.push(`create ${String(secret)}`);
      return { secret };
    },
    dispose: ({ secret }) => log.push(`dispose ${String(secret)}`),
    rejects: (error) => error === refused,
  });
  const builder = Test.createTestingModule({ imports: [HcpVaultModule.forRoot({ source })], providers: [pool] });
  const overriding = builder.overrideProvider(getSecretToken('DB'));
  const module = await (
    'useValue' in override
      ? overriding.useValue(override.useValue)
      : overriding.useFactory({ factory: override.useFactory })
  ).compile();
  await module.init();
  return { module, log, reads, source, pool: module.get<Rotating<{ secret: unknown }>>('POOL') };
}

describe('a resource whose secret a test overrides', () => {
  it.each([
    ['a value', { useValue: 'of the test' }],
    ['a factory', { useFactory: () => Promise.resolve('of the test') }],
  ])('given %s, when the app starts, then it is built from it, and the source is not asked', async (_, override) => {
    const { module, pool, log, reads } = await appWith({}, override);
    expect(pool.current).toEqual({ secret: 'of the test' });
    await expect(pool.use(({ secret }) => Promise.resolve(secret))).resolves.toBe('of the test');
    expect(reads).toEqual([]);
    await module.close();
    expect(log).toEqual(['create of the test', 'dispose of the test']);
    await expect(pool.use(() => Promise.resolve(1))).rejects.toThrow('is closed');
  });

  it('given a source that has one of that name, when that rotates, then the resource stays as the test gave it', async () => {
    const { module, pool, log, source } = await appWith({ DB: 'v1' }, { useValue: 'of the test' });
    await module.get(HcpVaultClient).fetch('DB');
    source.rotate('DB', 'v2');
    await module.get(HcpVaultClient).refresh('DB');
    expect(pool.current).toEqual({ secret: 'of the test' });
    await module.close();
    expect(log).toEqual(['create of the test', 'dispose of the test']);
  });

  it('given work that refuses what the test gave, when it is done, then it rejects at once: nothing newer will come', async () => {
    const { module, pool } = await appWith({}, { useValue: 'of the test' });
    const before = Date.now();
    await expect(pool.use(() => Promise.reject(refused))).rejects.toBe(refused);
    expect(Date.now() - before).toBeLessThan(1_000);
    await module.close();
  });

  it('given undefined, when the app starts, then that is what it is built from', async () => {
    const { module, pool } = await appWith({}, { useValue: undefined });
    expect(pool.current).toEqual({ secret: undefined });
    await module.close();
  });
});
