import { inspect } from 'node:util';
import { StoredSecret } from '../../../lib/sources/kubernetes/kubernetes.answers.js';
import { FixedCredential, Proof } from '../../../lib/sources/kubernetes/cluster/credential.js';
import { eventsOf } from '../../../lib/sources/kubernetes/watch/event-lines.js';
import { HeldSecrets } from '../../../lib/sources/kubernetes/watch/held-secrets.js';
import { isOlder } from '../../../lib/sources/kubernetes/watch/resource-version.js';

async function* chunksOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function eventsIn(text: string, size: number): Promise<unknown[]> {
  const events: unknown[] = [];
  for await (const event of eventsOf(chunksOf(Buffer.from(text), size))) events.push(event);
  return events;
}

const state = (version: string, value = version): StoredSecret =>
  new StoredSecret('db', version, 'uid', false, { key: Buffer.from(value).toString('base64') });

describe('lines of a watch', () => {
  const events = [
    { type: 'ADDED', object: { key: 'пароль 🔑' } },
    { type: 'BOOKMARK', object: { n: '12345678901234567890' } },
  ];
  const text = events.map((event) => `${JSON.stringify(event)}\n`).join('\n');

  it('given chunks that break anywhere, within a character too, when read, then the events come whole', async () => {
    for (let size = 1; size < 40; size += 1) expect(await eventsIn(text, size)).toEqual(events);
  });

  it.each(['canary-no-json\n', '{"type":1}\n', '[]\n'])('given %j, when read, then it is an error that quotes nothing', async (line) => {
    const failure = eventsIn(line, 1000);
    await expect(failure).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    await expect(failure).rejects.not.toThrow(/canary/);
  }); // prettier-ignore

  it('given a line without end, when read, then it is given up', async () => {
    await expect(eventsIn('x'.repeat(17 * 1024 * 1024), 1024 * 1024)).rejects.toThrow(/larger than/);
  });
});

describe('states that are held', () => {
  it.each([
    ['9', '10', true],
    ['10', '9', false],
    ['10', '10', false],
    ['abc', '10', false],
    ['1', '99999999999999999999', true],
  ])('given the versions %s and %s, when compared, then the first is older: %s', (one, other, expected) => {
    expect(isOlder(one, other)).toBe(expected);
  });

  it('given a newer state, when an older one comes late, then it changes nothing; nor does it bring back what is gone', () => {
    const held = new HeldSecrets();
    held.want('db');
    expect(held.put(state('5'))).toMatchObject({ wasKnown: false });
    expect(held.put(state('7'))).toMatchObject({ wasKnown: true, version: '7' });
    expect(held.put(state('6'))).toBeUndefined();
    expect(held.put(state('7'))).toBeUndefined();
    expect(held.remove('db', '6')).toBeUndefined();
    expect(held.remove('db', '9')).toMatchObject({ version: undefined });
    expect(held.put(state('8'))).toBeUndefined();
    expect(held.of('db')).toMatchObject({ isThere: false });
    expect(held.put(state('10'))).toMatchObject({ version: '10' });
  });

  it('given a storage of an earlier time, when all is listed, then what was held is not a hindrance', () => {
    const held = new HeldSecrets();
    held.want('db');
    held.put(state('900'));
    held.reset(undefined);
    expect(held.put(state('5'))).toMatchObject({ version: '5' });
    expect(held.of('db')?.secret?.shown('key')).toBe('5');
  });

  it('given what nobody has asked for, when it is told, then its values are not kept', () => {
    const held = new HeldSecrets();
    held.put(state('1'));
    expect(held.of('db')).toEqual({ version: '1', isThere: true, secret: undefined });
    expect(held.all).toBeUndefined();
    held.wantAll();
    held.put(state('1'));
    expect(held.all).toHaveLength(1);
  });

  it('given many that come and go, when counted, then those that are gone are not kept for ever', () => {
    const held = new HeldSecrets();
    for (let n = 1; n <= 3_000; n += 1) {
      held.put(new StoredSecret(`s-${n}`, String(n), '', false, {}));
      held.remove(`s-${n}`, String(n));
    }
    expect(held.of('s-1')).toBeUndefined();
    expect(held.of('s-3000')).toMatchObject({ isThere: false });
  });
});

it('given what holds values or proofs, when printed, then it shows none', () => {
  const held = new HeldSecrets();
  held.want('db');
  held.put(state('1', 'canary-value'));
  const proof = new Proof('canary-token', { cert: 'canary-cert', key: 'canary-key' });
  const all = [state('1', 'canary-value'), held, proof, new FixedCredential(proof)];
  const shown = all.flatMap((one) => [inspect(one, { depth: 9, showHidden: true }), JSON.stringify(one), String(one)]);
  expect(shown.join()).not.toMatch(/canary|Y2FuYXJ5/);
});
