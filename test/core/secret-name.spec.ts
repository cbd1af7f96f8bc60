import { nameFault, nameRefusal } from '../../lib/core/secret/secret-name.js';
import { hostileNames } from '../sources/support/hostile-names.js';

const longest = 'x'.repeat(4096);

const TOO_LONG = `${longest}x`;

describe('what a name may be', () => {
  it.each(['KEY', 'a.b', 'with space', 'ключ', '🔑', '100%', '50%25', 'a#b', 'a?b=c', '"a"', '*', '...', '..x', 'x..', '.env', 'v1..v2', 'a;b', 'a%20b', 'a%2eb', '日本．語', '__proto__', 'arn:aws:x', '👩‍💻', '%f0%9f%94%91', 'a\u200b.b', '...\u200b'])(
    'given the name %j, when judged, then it may go anywhere',
    (name) => {
      for (const place of ['key', 'path', 'segment'] as const) expect(nameFault(name, { place })).toBeUndefined();
    },
  ); // prettier-ignore

  it('given one character more, when judged, then it may go nowhere', () => {
    for (const place of ['key', 'path', 'segment'] as const) expect(nameFault(TOO_LONG, { place })).toBeDefined();
  });

  it('given the longest name, when judged, then it may go anywhere', () => {
    for (const place of ['key', 'path', 'segment'] as const) expect(nameFault(longest, { place })).toBeUndefined();
  });

  it.each(['a/b', 'a/b/c.d', 'a\\b'])('given %j, when judged, then it may be a path, and no segment', (name) => {
    expect(nameFault(name, { place: 'path' })).toBeUndefined();
    expect(nameFault(name, { place: 'segment' })).toMatchObject({ isImpossible: true });
  });

  it.each(['a\0', 'a\n', '\u001b[31m', '\u007f', '\u0085', '\u009b2J', '\ud800', 'a\udc00b'])(
    'given %j, when judged, then it may go nowhere',
    (name) => {
      for (const place of ['key', 'path', 'segment'] as const) expect(nameFault(name, { place })).toBeDefined();
    },
  );

  it.each([...hostileNames('victim', 'KEY').map(({ name }) => name), '.', '..', './a', 'a/.', 'a/..?x', 'a/..#x', 'a/ .. /b', 'a%00', 'a%0d%0ab', 'a%2fb', 'a%5Cb', 'a%252fb', 'a%u2215..%2fb', '%25252525252e', 'a/%f0%80%80%ae%f0%80%80%ae', 'a/%F0%80%80%AF', '%f8%80%80%80%ae', '%fc%80%80%80%80%ae', 'a/..\u200b', 'a/.\u00ad.', '\ufeff..', '.\u2060', 'a/..\u202e/b', '.\ufe0f.'])(
    'given %j, when judged, then it may be looked up, and go into no URL',
    (name) => {
      expect(nameFault(name, { place: 'key' })).toBeUndefined();
      for (const place of ['path', 'segment'] as const) {
        expect(nameFault(name, { place })).toMatchObject({ isImpossible: false });
      }
    },
  ); // prettier-ignore

  it.each(['', 'a//b', '/a', 'a/', '//'])('given %j, when judged, then it is not a path', (name) => {
    expect(nameFault(name, { place: 'path' })).toMatchObject({ isImpossible: false });
  });

  it('given what is not a string, when judged, then it is refused without being shown', () => {
    for (const name of [undefined, null, 5, { secret: 'canary' }, ['KEY']]) {
      const refusal = nameRefusal(name, { place: 'key' });
      expect(refusal).toMatchObject({ code: 'SECRET_CONFIGURATION' });
      expect(String(refusal)).not.toContain('canary');
    }
  });

  it('given a name of ten million characters, when refused, then its refusal is short, and holds no more of it', () => {
    const refusal = nameRefusal('x'.repeat(10_000_000), { place: 'key' })!;
    expect(refusal.message.length).toBeLessThan(1000);
    expect(refusal.secretName!.length).toBeLessThan(100);
  });

  it('given hostile text of the greatest length, when judged, then that takes no time to speak of', () => {
    const begun = performance.now();
    for (const part of ['%25', '%2', '..;', '%c0%ae', '\uff0e', ' ', ';', '%u', '\ufdfa', '/']) {
      nameFault(part.repeat(4096 / part.length), { place: 'path' });
    }
    expect(performance.now() - begun).toBeLessThan(500);
  });
});
