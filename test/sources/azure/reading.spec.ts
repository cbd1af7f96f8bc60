import type { SourceEvent } from '../../../lib/core/source/source-event.js';
import { printed } from '../support/printed.js';
import { context, failureOf, valuesOf } from '../support/hcp.js';
import { taken } from '../support/taken.js';
import { asked, cleanUp, emulated, sourceAt, startVault } from './azure.js';

afterEach(cleanUp);

describe('azureKeyVault: reading', () => {
  it('given text, JSON and bytes, when read, then each comes as what it is, with version and times', async () => {
    const { vault, source } = await emulated({ TEXT: '007', DOC: '{"user":"a"}', NOT: '12345678901234567890' });
    vault.secrets.set('BYTES', Buffer.from([0, 255]).toString('base64'), { tags: { 'file-encoding': 'base64' } });
    const found = await source.read(['TEXT', 'DOC', 'NOT', 'BYTES'], context());
    expect(valuesOf(found)).toEqual({
      TEXT: '007',
      DOC: { user: 'a' },
      NOT: '12345678901234567890',
      BYTES: Uint8Array.of(0, 255),
    });
    const [version] = vault.secrets.find('TEXT')!.versions;
    expect(taken(found.get('TEXT')).version).toBe(version!.id);
    expect(taken(found.get('TEXT')).createdAt).toEqual(new Date(version!.created * 1000));
    expect(valuesOf(await sourceAt(vault, { json: false }).read(['DOC'], context()))).toEqual({ DOC: '{"user":"a"}' });
  });

  it('given a value that is not Base64 though its tag says so, when read with others, then that is its error alone', async () => {
    const { vault, source } = await emulated({ GOOD: 'v' });
    vault.secrets.set('BAD', 'canary: not base64', { tags: { 'file-encoding': 'base64' } });
    const found = await source.read(['GOOD', 'BAD'], context());
    expect(valuesOf(found)).toEqual({ GOOD: 'v', BAD: 'SECRET_CONFIGURATION' });
    expect(printed(found.get('BAD'))).not.toContain('canary');
  });

  it('given versions, when one is named, is the previous one, or is none, then that one comes, or is told', async () => {
    const { vault, source } = await emulated({});
    let second = 1_700_000_000;
    vault.secrets.now = () => second++;
    const [one] = ['one', 'two', 'three'].map((value) => vault.secrets.set('DB', value));
    const read = async (version: string) => valuesOf(await source.read(['DB'], { ...context(), version })).DB;
    expect(await read(one!.id)).toBe('one');
    expect(await read('previous')).toBe('two');
    expect(await read('0'.repeat(32))).toBeUndefined();
    expect(await read('latest')).toBe('SECRET_CONFIGURATION');
    const current = taken((await source.read(['DB'], context())).get('DB')).version;
    expect(source.previousVersion(current)).toBe('previous');
  });

  it('given two older versions of one second, when the previous one is asked for, then none is given', async () => {
    const { vault, source } = await emulated({});
    const times = [100, 100, 200];
    vault.secrets.now = () => times.shift() ?? 300;
    for (const value of ['one', 'two', 'three']) vault.secrets.set('DB', value);
    expect((await source.read(['DB'], { ...context(), version: 'previous' })).size).toBe(0);
  });

  it('given a disabled secret, when read, looked for and listed, then it is there, and not to be had, which is not a matter of rights', async () => {
    const { vault, source } = await emulated({ OFF: 'canary-off', ON: 'v' });
    vault.secrets.change('OFF', undefined, { attributes: { enabled: false } });
    const error = (await source.read(['OFF'], context())).get('OFF') as Error;
    expect(error).toMatchObject({ code: 'SECRET_CONFIGURATION', secretName: 'OFF', sourceKind: 'azure-key-vault' });
    expect(error.message).toMatch(/disabled.*Enable it/s);
    expect(await source.exists('OFF', context())).toBe(true);
    expect(await source.list(undefined, context())).toEqual(['OFF', 'ON']);
    const before = vault.requests.length;
    expect(valuesOf(await source.readAll(context()))).toEqual({ OFF: 'SECRET_CONFIGURATION', ON: 'v' });
    expect(vault.requests.length - before).toBe(2); // the list and ON
  });

  it('given a deleted secret, when read and looked for, then it is not found, in words of its own', async () => {
    const { vault, source } = await emulated({ GONE: 'v' });
    vault.secrets.delete('GONE');
    const found = await source.read(['GONE', 'NEVER'], context());
    expect(found.get('GONE')).toMatchObject({ code: 'SECRET_NOT_FOUND', secretName: 'GONE' });
    expect((found.get('GONE') as Error).message).toMatch(/was deleted, and can be recovered until \d{4}-/);
    expect(found.has('NEVER')).toBe(false);
    expect(await source.exists('GONE', context())).toBe(false);
    vault.secrets.restore('GONE');
    expect(valuesOf(await source.read(['GONE'], context()))).toEqual({ GONE: 'v' });
  });

  it('given a secret that expires, when read, then it is due then; one that has expired is told once for each version, and served', async () => {
    const { vault, source } = await emulated({});
    const told: SourceEvent[] = [];
    source.observe((event) => told.push(event));
    const soon = Math.floor(Date.now() / 1000) + 60;
    vault.secrets.set('SOON', 'v', { attributes: { exp: soon } });
    vault.secrets.set('OLD', 'canary-old', { attributes: { exp: 1_600_000_000 } });
    vault.secrets.set('EARLY', 'w', { attributes: { nbf: soon } });
    for (let reading = 0; reading < 2; reading += 1) {
      const found = await source.read(['SOON', 'OLD', 'EARLY'], context());
      expect(valuesOf(found)).toEqual({ SOON: 'v', OLD: 'canary-old', EARLY: 'w' });
      expect(taken(found.get('SOON')).expiresAt).toEqual(new Date(soon * 1000));
    }
    expect(told.map(({ type }) => type)).toEqual(['notice', 'notice']);
    expect(told.map(({ reason }) => reason).join('\n')).toMatch(/"OLD" .* expired at 2020-09-13T12:26:40.000Z/);
    expect(told.map(({ reason }) => reason).join('\n')).toMatch(/"EARLY" .* not to be used before/);
    expect(JSON.stringify(told)).not.toContain('canary');
    vault.secrets.set('OLD', 'new', { attributes: { exp: 1_600_000_001 } });
    await source.read(['OLD'], context());
    expect(told).toHaveLength(3);
  });

  it('given more secrets than a page has, when listed and read as a whole, then all come, by the names of a prefix alone', async () => {
    const values = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`SHOP-${index}`, `of ${index}`]));
    const { vault, source } = await emulated({ ...values, 'OTHER-1': 'canary-other' }, { prefix: 'SHOP-' });
    expect((await source.list(undefined, context())).length).toBe(60);
    expect(asked(vault).filter((request) => request === 'GET /secrets')).toHaveLength(3);
    const all = await source.readAll(context());
    expect([all.size, taken(all.get('7')).value]).toEqual([60, 'of 7']);
    expect(asked(vault).some((request) => request.includes('OTHER'))).toBe(false);
    expect(await source.list('5', context())).toEqual(['5', ...Array.from({ length: 10 }, (_, index) => `5${index}`)]);
  });

  it('given a list that goes on at another host, path or for ever, when listed, then it is not followed', async () => {
    const vault = await startVault();
    const source = sourceAt(vault);
    const other = await startVault();
    await source.list(undefined, context()); // whom a token is for is known by now
    for (const link of [
      `${other.url}/secrets?api-version=7.5`,
      `${vault.url}/deletedsecrets?api-version=7.5`,
      'no url',
      `${vault.url}/secrets?api-version=7.5&maxresults=25`,
    ]) {
      vault.faults.clear();
      vault.fail({ status: 200, body: JSON.stringify({ value: [], nextLink: link }), path: '/secrets' });
      const error = await failureOf(source.list(undefined, context()));
      expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
      expect(error.message).toMatch(link.includes('maxresults') ? /pages repeat/ : /goes on at another address/);
    }
    expect(other.requests).toEqual([]);
  }, 30_000);

  it('given an answer about another secret, when read, then it is not used', async () => {
    const { vault, source } = await emulated({ A: 'v' });
    const id = `${vault.url}/secrets/B/${'a'.repeat(32)}`;
    vault.fail({ status: 200, body: JSON.stringify({ value: 'canary-of-b', id, attributes: {} }), path: '/secrets/A' });
    const found = await source.read(['A'], context());
    expect(valuesOf(found)).toEqual({ A: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(printed(found.get('A'))).not.toContain('canary');
  });

  it('given answers one after the other, when read, then each is delivered as it comes', async () => {
    const { source } = await emulated({ A: '1', B: '2' });
    const delivered: string[] = [];
    await source.read(['A', 'B'], { ...context(), deliver: (answers) => delivered.push(...answers.keys()) });
    expect(delivered.sort()).toEqual(['A', 'B']);
  });
});
