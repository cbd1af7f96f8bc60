import { canaries, seeded } from './canaries.js';
import { guarded, named } from './guarded-connection.js';
import { spellings } from './spellings.js';

const SECRETS = 500;
const ROUNDS = 20;
/** Each spelling is tried with one value of so many in each round: every value in about five. */
const EACH = 5;

describe('the text that a guard masks', () => {
  it('given 10,000 canaries over twenty rotations, when they stand in texts in all spellings, then none gets out, neither a current nor a replaced one', async () => {
    const all = canaries(SECRETS * ROUNDS);
    const { source, client, guard, runtime } = await guarded(named(all.slice(0, SECRETS)));
    const random = seeded(7);
    const out: string[] = [];
    const beside = (): string => 'user:x9'.slice(0, Math.floor(random() * 7));
    for (let round = 0; round < ROUNDS; round += 1) {
      if (round > 0) {
        for (let at = 0; at < SECRETS; at += 1) source.rotate(`S${at}`, all[round * SECRETS + at]!);
        await client.refresh();
      }
      for (const { name, write, core } of spellings) {
        const turn = spellings.findIndex((spelling) => spelling.name === name) + round;
        for (let at = turn % EACH; at < SECRETS; at += EACH) {
          const isReplaced = round > 0 && Math.floor(at / EACH) % 5 === 0;
          const value = all[(isReplaced ? round - 1 : round) * SECRETS + at]!;
          const [prefix, suffix] = [beside(), beside()];
          const text = `at ${write(value, prefix, suffix)} end`;
          const masked = guard.mask(text);
          const isMasked = masked.startsWith('at ') && masked.endsWith(' end') && masked.includes(`[secret S${at}]`);
          if (!isMasked || masked.includes(core ? core(value, prefix) : text.slice(3, -4))) {
            out.push(`${name}: ${text} → ${masked}`);
          }
        }
      }
    }
    expect(out.slice(0, 3)).toEqual([]);
    expect(guard.status().caught).toEqual({ mask: expect.any(Number) });
    await runtime.shutdown();
  }, 120_000);

  it('given values that overlap, when a text has both, then nothing of either is left', async () => {
    const { guard, runtime } = await guarded({ A: 'canary-abcdefgh12345', B: 'h12345-canary-xyz' });
    expect(guard.mask('<canary-abcdefgh12345-canary-xyz>')).toBe('<[secret A]>');
    await runtime.shutdown();
  });

  it('given a value that is the beginning of another, when the longer one stands there, then all of it is masked', async () => {
    const { guard, runtime } = await guarded({ A: 'canary-123', B: 'canary-123456' });
    expect(guard.mask('canary-1234567')).toBe('[secret B]7');
    await runtime.shutdown();
  });

  it('given JSON with a secret as text, number, key and bytes, when the line is masked, then it is JSON still', async () => {
    const bytes = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 250]);
    const { guard, runtime } = await guarded({ 'odd "name\\': 'canary-"12\n34', PIN: { pin: 8_412_977_301 }, BYTES: bytes });
    const line = JSON.stringify({
      a: 'x canary-"12\n34 y',
      b: 8_412_977_301,
      'canary-"12\n34': 1,
      c: Buffer.from(bytes),
      d: JSON.stringify({ e: 'canary-"12\n34' }),
    });
    expect(JSON.parse(guard.mask(line))).toEqual({
      a: 'x [secret odd _name_] y',
      b: '[secret PIN]',
      '[secret odd _name_]': 1,
      c: { type: 'Buffer', data: ['[secret BYTES]'] },
      d: '{"e":"[secret odd _name_]"}',
    });
    expect(guard.mask(JSON.stringify(bytes))).toBe('{[secret BYTES]}');
    await runtime.shutdown();
  }); // prettier-ignore

  it('given a structured secret, when parts of it are printed, then fields, lines of a PEM and passwords of URLs are masked', async () => {
    const line = 'MIIBcanaryLINEone0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL';
    const pem = `-----BEGIN PRIVATE KEY-----\n${line}\nMIIBcanaryLINEtwo\n-----END PRIVATE KEY-----\n`;
    const { guard, runtime } = await guarded({
      DB: { host: 'db.example.internal', username: 'canary-user-open', password: 'canary-pw-1', nested: [{ key: 'canary-deep' }] },
      TEXT: '{"token":"canary-token","port":"canary-port"}',
      TLS: { cert: pem },
      URL: 'postgres://someone:canary%2Fpass@db/orders',
    });
    const masked = guard.mask(`db.example.internal canary-user-open canary-pw-1 canary-deep canary-token canary-port ${line}\n -----BEGIN PRIVATE KEY----- canary/pass canary%2Fpass canary%2fpass`);
    expect(masked).toBe('db.example.internal canary-user-open [secret DB] [secret DB] [secret TEXT] canary-port [secret TLS]\n -----BEGIN PRIVATE KEY----- [secret URL] [secret URL] [secret URL]');
    await runtime.shutdown();
  }); // prettier-ignore

  it('given short values, common words, open fields and exceptions, when they are printed, then they stay, and the status tells their number alone', async () => {
    const values = {
      SHORT: 'canary7',
      WORD: 'Production',
      PUBLIC: 'canary-public-value',
      DB: { engine: 'canary-engine', port: 54_321_098, region: 'canary-region', password: 'canary-pw' },
    };
    const { guard, runtime } = await guarded(values, { except: ['PUBLIC', 'DB.region'] });
    const text = 'canary7 Production canary-public-value canary-engine 54321098 canary-region';
    expect(guard.mask(text)).toBe(text);
    expect(guard.mask('canary-pw')).toBe('[secret DB]');
    expect(guard.status()).toEqual({ guarded: 4, left: 6, caught: { mask: 1 } });
    expect(JSON.stringify(guard.status())).not.toContain('canary');
    await runtime.shutdown();
  });
});
