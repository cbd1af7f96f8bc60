import { inspect } from 'node:util';
import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  memorySource,
  SecretAccessDeniedError,
  SecretNotFoundError,
  SecretSourceUnavailableError,
  SecretVersion,
  type HcpVaultModuleOptions,
  type HcpVaultOptionsFactory,
  type SecretSource,
} from 'nestjs-hcp-vault';

async function appWith(options: HcpVaultModuleOptions, providers: unknown[] = []) {
  const module = await Test.createTestingModule({
    imports: [HcpVaultModule.forRoot(options)],
    providers: providers as [],
  }).compile();
  await module.init();
  return { module, client: module.get(HcpVaultClient) };
}

describe('the contract, point by point', () => {
  it('given useClass and useExisting, when the app starts, then their options are used', async () => {
    @Injectable()
    class Options implements HcpVaultOptionsFactory {
      createHcpVaultOptions() {
        return { source: memorySource({ KEY: 'from a class' }) };
      }
    }
    const { Module } = await import('@nestjs/common');
    @Module({ providers: [Options], exports: [Options] })
    class OptionsModule {}
    for (const way of [{ useClass: Options }, { useExisting: Options, imports: [OptionsModule] }]) {
      const module = await Test.createTestingModule({ imports: [HcpVaultModule.forRootAsync(way)] }).compile();
      expect(await module.get(HcpVaultClient).fetch('KEY')).toBe('from a class');
      await module.close();
    }
    expect(() => HcpVaultModule.forRootAsync({} as never)).toThrow(
      expect.objectContaining({ code: 'SECRET_CONFIGURATION' }),
    );
  });

  it('given a module that is not global, when another module has not imported it, then its secrets are not to be had there', async () => {
    const { Module } = await import('@nestjs/common');
    @Injectable()
    class Service {
      constructor(@InjectSecret('KEY') readonly key: string) {}
    }
    @Module({ providers: [Service] })
    class Feature {}
    const start = Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource({ KEY: 'v' }), isGlobal: false }), Feature],
    }).compile();
    await expect(start).rejects.toThrow(/HcpVaultSecret:default:KEY/);
  });

  it('given an optional secret that is denied, when the app starts, then it fails: optional stands in for "not found" alone', async () => {
    @Injectable()
    class Service {
      constructor(@InjectSecret('KEY', { optional: true }) readonly key: string | undefined) {}
    }
    const source: SecretSource = {
      kind: 'denying',
      read: async (names) => new Map(names.map((name) => [name, new SecretAccessDeniedError()])),
    };
    await expect(appWith({ source }, [Service])).rejects.toMatchObject({
      errors: [{ code: 'SECRET_ACCESS_DENIED', secretName: 'KEY', connection: 'default', sourceKind: 'denying' }],
    });
  });

  it('given a secret that is denied on a refresh, when it is, then its last value stays, and status tells', async () => {
    const memory = memorySource({ KEY: 'v' });
    let denied = false;
    const source: SecretSource = {
      kind: 'moody',
      read: async (names, context) =>
        denied ? new Map(names.map((name) => [name, new SecretAccessDeniedError()])) : memory.read(names, context),
    };
    const { module, client } = await appWith({ source, required: ['KEY'] });
    denied = true;
    const report = await client.refresh();
    expect(report.failed).toMatchObject([{ name: 'KEY', error: { code: 'SECRET_ACCESS_DENIED' } }]);
    expect(client.get('KEY')).toBe('v');
    expect(client.status()).toMatchObject([{ name: 'KEY', stale: false, lastError: { code: 'SECRET_ACCESS_DENIED' } }]);
    await module.close();
  });

  it('given a source that says why there is no such secret, when it is fetched, then the error has its words; an optional one is undefined', async () => {
    @Injectable()
    class Service {
      constructor(@InjectSecret('KEY', { optional: true }) readonly key: string | undefined) {}
    }
    const source: SecretSource = {
      kind: 'telling',
      read: async (names) => new Map(names.map((name) => [name, new SecretNotFoundError('version 3 was deleted.')])),
    };
    const { module, client } = await appWith({ source }, [Service]);
    expect(module.get(Service).key).toBeUndefined();
    await expect(client.fetch('KEY')).rejects.toMatchObject({
      code: 'SECRET_NOT_FOUND',
      message: expect.stringContaining('version 3 was deleted.'),
    });
    expect(() => client.get('KEY')).toThrow('version 3 was deleted.');
    await module.close();
  });

  it('given a cache hook, when a value arrives, then what it keeps and hands on is what readers get', async () => {
    const seen: unknown[] = [];
    const { module, client } = await appWith({
      source: memorySource({ KEY: 'v' }),
      required: ['KEY'],
      cache: {
        hook: {
          put: (name, value) => {
            seen.push([name, value]);
            return `kept ${value as string}`;
          },
          get: (_, stored) => `handed on ${stored as string}`,
        },
      },
    });
    expect(client.get('KEY')).toBe('handed on kept v');
    expect(seen).toEqual([['KEY', 'v']]);
    await module.close();
  });

  it('given writes, when they are done, then the cache has the new value; where the source can’t, the error says so', async () => {
    const { module, client } = await appWith({ source: memorySource({ KEY: 'v', OTHER: 'o' }) });
    await client.update('KEY', { a: 1 });
    expect(client.get('KEY')).toEqual({ a: 1 });
    expect(await client.list('K')).toEqual(['KEY']);
    expect([await client.exists('KEY'), await client.exists('NOPE')]).toEqual([true, false]);
    await module.close();
    const readOnly = await appWith({ source: { kind: 'reading', read: async () => new Map() } });
    await expect(readOnly.client.update('KEY', 'v')).rejects.toMatchObject({
      code: 'SECRET_SOURCE_READ_ONLY',
      sourceKind: 'reading',
    });
    await readOnly.module.close();
  });

  it('given paths, when all below one is asked for, then it is keyed by the names that fetch takes', async () => {
    const { module, client } = await appWith({
      source: memorySource({ 'app/a': '1', 'app/b': '2', application: '3' }),
    });
    expect(await client.getByPath('app')).toEqual({ 'app/a': '1', 'app/b': '2' });
    expect(client.get('app/a')).toBe('1');
    await module.close();
  });

  it('given bytes, when they are read, then each read is a copy, by client, ref and property', async () => {
    @Injectable()
    class Service {
      @InjectSecret('KEY') readonly key!: Uint8Array;
    }
    const { module, client } = await appWith({ source: memorySource({ KEY: Uint8Array.of(1, 2) }) }, [Service]);
    client.get<Uint8Array>('KEY')[0] = 9;
    const { key } = module.get(Service);
    key[0] = 9;
    const ref = client.ref<Uint8Array>('KEY');
    ref.value[0] = 9;
    expect([...module.get(Service).key, ...client.get<Uint8Array>('KEY'), ...ref.value]).toEqual([1, 2, 1, 2, 1, 2]);
    await module.close();
  });

  it('given one name in two spellings, when both are fetched, then they are one entry, read once', async () => {
    const reads: string[][] = [];
    const source: SecretSource = {
      kind: 'arn',
      canonicalName: (name) => name.replace('arn:', ''),
      read: async (names) => {
        reads.push([...names]);
        return new Map(names.map((name) => [name, SecretVersion.of('v')]));
      },
    };
    const { module, client } = await appWith({ source });
    await Promise.all([client.fetch('KEY'), client.fetch('arn:KEY')]);
    expect([client.get('KEY'), client.get('arn:KEY')]).toEqual(['v', 'v']);
    expect(reads).toEqual([['KEY']]);
    expect(client.status()).toHaveLength(1);
    await module.close();
  });

  it('given a source that never answers, when it is asked, then the call ends after `timeout`, and its signal is aborted', async () => {
    let signal: AbortSignal | undefined;
    const source: SecretSource = {
      kind: 'silent',
      read: (_, context) => {
        ({ signal } = context);
        return new Promise(() => undefined);
      },
    };
    const { module, client } = await appWith({ source, timeout: 20 });
    await expect(client.fetch('KEY')).rejects.toMatchObject({
      code: 'SECRET_SOURCE_UNAVAILABLE',
      message: expect.stringContaining('20 ms'),
    });
    expect(signal?.aborted).toBe(true);
    await module.close();
  });

  it.each([
    [{ cache: { maxAge: 'soon' } }, 'cache.maxAge'],
    [{ refresh: { jitter: 2 } }, 'refresh.jitter'],
    [{ refresh: { every: '1m', cron: '* * * * *' } }, 'exclude each other'],
    [{ cache: { max: 5 } as never }, 'cache.max'],
    [{ preload: 'some' as never }, 'preload'],
    [{ source: Promise.resolve() as never }, 'not a SecretSource'],
  ])('given the bad options %#, when the app starts, then the error names what is wrong', async (options, text) => {
    await expect(appWith({ source: memorySource({}), ...options })).rejects.toMatchObject({
      code: 'SECRET_CONFIGURATION',
      message: expect.stringContaining(text),
    });
  });

  it('given a ref of a secret that was never read, when it is made, then it says so, is read behind, and tells when it is there', async () => {
    const { module, client } = await appWith({ source: memorySource({ KEY: 'v' }) });
    const ref = client.ref('KEY');
    expect(() => ref.value).toThrow(expect.objectContaining({ code: 'SECRET_NOT_LOADED' }));
    const value = await new Promise((resolve) => ref.changes$.subscribe(resolve));
    expect([value, ref.value]).toEqual(['v', 'v']);
    await module.close();
  });

  it('given a failing source, when the client’s results are printed, then no holder shows a value', async () => {
    const memory = memorySource({ KEY: 'canary-in-report' });
    const { module, client } = await appWith({ source: memory, required: ['KEY'] });
    memory.fail(new SecretSourceUnavailableError('down'));
    const report = await client.refresh();
    expect(inspect([report, client.status(), client], { depth: 9, showHidden: true })).not.toContain(
      'canary-in-report',
    );
    await module.close();
  });
});
