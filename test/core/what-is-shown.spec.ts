import { Lease, SecretSourceUnavailableError, SecretVersion } from 'nestjs-hcp-vault';
import { HOUR, scripted } from '../support/scripted-connection.js';

describe('what an operator sees', () => {
  it('given leases with and without a name, when asked, then status() shows what there is, and of static secrets none', async () => {
    const set = scripted();
    set.backend.set('KEY', { value: 'v1' });
    set.backend.set('DB', { lease: HOUR, renewable: true });
    await set.start('KEY', 'DB');
    expect(set.statusOf('DB')?.lease).toMatchObject({
      id: 'DB-1',
      renewable: true,
      expiresAt: new Date(set.clock.wall() + HOUR),
    });
    expect(set.statusOf('KEY')).not.toHaveProperty('lease');
    set.backend.script(
      'read',
      () => new Map([['NAMELESS', SecretVersion.of('x', { lease: Lease.of({ duration: HOUR }) })]]),
    );
    await set.client.fetch('NAMELESS');
    expect(set.statusOf('NAMELESS')?.lease).toMatchObject({ renewable: false });
    expect(set.statusOf('NAMELESS')?.lease).not.toHaveProperty('id');
  });

  it('given `preload: all`, when the source can’t list within a bound, then the log says so once, and else nothing', async () => {
    const unbound = scripted();
    await unbound.runtime.bootstrap([], 'all');
    expect(unbound.lines.filter((line) => line.includes("can't list within a bound"))).toHaveLength(1);
    for (const [can, preload] of [
      [['readAll'], 'all'],
      [[], 'decorated'],
      [[], 'none'],
    ] as const) {
      const set = scripted({}, { can });
      await set.runtime.bootstrap([], preload);
      expect(set.lines.filter((line) => line.includes("can't list"))).toEqual([]);
    }
  });

  it('given a field that is not there, when it is read, then the error names field, secret and connection', async () => {
    const set = scripted({ connection: 'own' });
    set.backend.set('DB', { value: { user: 'u' } });
    await set.client.fetch('DB');
    const where = { code: 'SECRET_FIELD', field: 'port', secretName: 'DB', connection: 'own' };
    expect(() => set.client.get('DB', { field: 'port' })).toThrow(expect.objectContaining(where));
    await expect(set.client.fetch('DB', { field: 'port' })).rejects.toMatchObject(where);
    expect(() => set.client.ref('DB', { field: 'port' }).value).toThrow(expect.objectContaining(where));
  });

  it('given an error of a source, when it says nothing of an effect, then there was none', () => {
    expect(new SecretSourceUnavailableError('down.').effect).toBe('none');
    expect(
      new SecretSourceUnavailableError('down.', { effect: 'possible' }).located({ secretName: 'KEY' }).effect,
    ).toBe('possible');
  });

  it('given an error’s own advice, when names are added to it, then it stays, and the parts of the text can be had', () => {
    const error = new SecretSourceUnavailableError('down.', { advice: 'Call the operator.' });
    const located = error.located({ secretName: 'KEY' });
    expect(located.message).toBe('Secret "KEY": down. Call the operator.');
    expect(located).toMatchObject({ reason: 'down.', advice: 'Call the operator.' });
  });
});
