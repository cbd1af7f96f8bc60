import { context, failureOf, valuesOf } from '../support/hcp.js';
import { taken } from '../support/taken.js';
import { asked, cleanUp, emulated, sourceAt } from './azure.js';

afterEach(cleanUp);

describe('azureKeyVault: writing', () => {
  it('given content type, tags and an expiry, when written, then the new version has the first two, and not the last', async () => {
    const { vault, source } = await emulated({});
    vault.secrets.set('DB', 'one', {
      contentType: 'text/plain',
      tags: { team: 'shop' },
      attributes: { exp: 2_000_000_000 },
    });
    await source.write('DB', { user: 'a' }, context());
    expect(vault.secrets.find('DB')!.versions.at(-1)).toMatchObject({
      value: '{"user":"a"}',
      contentType: 'text/plain',
      tags: { team: 'shop' },
      attributes: { enabled: true },
    });
    expect(vault.secrets.find('DB')!.versions.at(-1)!.attributes).not.toHaveProperty('exp');
    await source.write('DB', Uint8Array.of(1, 2), context());
    expect(vault.secrets.find('DB')!.versions.at(-1)).toMatchObject({
      value: 'AQI=',
      tags: { team: 'shop', 'file-encoding': 'base64' },
    });
    await source.write('DB', 'AQI=', context());
    expect(vault.secrets.find('DB')!.versions.at(-1)!.tags).toEqual({ team: 'shop' });
    expect(valuesOf(await source.read(['DB'], context()))).toEqual({ DB: 'AQI=' });
  });

  it('given no such secret, when written, then it is refused, unless it may be created; a deleted one never is', async () => {
    const { vault, source } = await emulated({ GONE: 'v' });
    expect(await failureOf(source.write('NEW', 'v', context()))).toMatchObject({
      code: 'SECRET_NOT_FOUND',
      secretName: 'NEW',
    });
    expect(vault.secrets.find('NEW')).toBeUndefined();
    const creating = sourceAt(vault, { createIfMissing: true });
    await creating.write('NEW', 'v', context());
    expect(vault.secrets.find('NEW')!.versions).toHaveLength(1);
    await source.write('OTHER', 'v', { ...context(), create: true });
    expect(vault.secrets.find('OTHER')!.versions).toHaveLength(1);
    vault.secrets.delete('GONE');
    const error = await failureOf(creating.write('GONE', 'w', context()));
    expect(error).toMatchObject({ code: 'SECRET_NOT_FOUND' });
    expect(error.message).toContain('was deleted');
    expect(asked(vault).filter((request) => request === 'PUT /secrets/GONE')).toEqual([]);
  });

  it('given the secret of a certificate, when written, then it is refused', async () => {
    const { vault, source } = await emulated({ CERT: 'v' });
    vault.secrets.find('CERT')!.managed = true;
    expect(await failureOf(source.write('CERT', 'w', context()))).toMatchObject({ code: 'SECRET_SOURCE_READ_ONLY' });
  });

  it('given answers that lag behind, when read after a write, then what was written is not undone; what others write is taken', async () => {
    const { vault, source } = await emulated({ DB: 'one' });
    await source.write('DB', 'two', context());
    vault.secrets.answerOlder('DB', 2);
    for (let reading = 0; reading < 3; reading += 1) {
      expect(valuesOf(await source.read(['DB'], context()))).toEqual({ DB: 'two' });
    }
    const theirs = vault.secrets.set('DB', 'three');
    expect(taken((await source.read(['DB'], context())).get('DB'))).toMatchObject({
      value: 'three',
      version: theirs.id,
    });
    vault.secrets.answerOlder('DB', 1);
    expect(valuesOf(await source.read(['DB'], context()))).toEqual({ DB: 'three' });
  });

  it('given one throttled write, when written, then it is sent again; one that failed otherwise is not, for it may have been done', async () => {
    const { vault, source } = await emulated({ DB: 'one' });
    const writes = () => vault.asked.filter((request) => request === 'PUT /secrets/DB').length;
    await source.read(['DB'], context());
    vault.fail({ status: 429, code: 'Throttled', retryAfter: '0', times: 2, path: '/secrets/DB' });
    await source.write('DB', 'two', context());
    expect(vault.secrets.find('DB')!.versions).toHaveLength(2);
    const before = writes();
    vault.fail({ applied: true, method: 'PUT' });
    expect(await failureOf(source.write('DB', 'three', context()))).toMatchObject({
      code: 'SECRET_SOURCE_UNAVAILABLE',
      effect: 'possible',
    });
    expect(writes() - before).toBe(1);
    expect(vault.secrets.find('DB')!.versions).toHaveLength(3);
  });
});
