import { KNOWN_TEXTS } from '../../../lib/sources/vault/client/known-texts.js';
import { loginReason } from '../../../lib/sources/vault/errors/login.reasons.js';
import { vaultText } from '../../../lib/sources/vault/client/vault-texts.js';

const CANARY = 'canary-5d1e';
const told = (text: string) => vaultText(text, 'database/creds/app');

describe('VaultClient: which texts of Vault pass', () => {
  test.each([
    'permission denied',
    '1 error occurred:\n\t* permission denied\n\n',
    '2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n',
    'error performing token check: permission denied',
    'past the max TTL, cannot renew',
    'unknown role: app',
    '"app" is not an allowed role',
    'no handler for route "database/creds/app". route entry not found.',
    'request path "database/creds/app": rate limit quota exceeded',
    'error validating token: invalid expiration time (exp) claim: token is expired',
    'lookup failed: service account unauthorized; this could mean it has been deleted or recreated with a new token',
  ])('given "%s", when told, then as it is', (text) => expect(told(text)).toBe(text));

  test.each([
    [`unknown role: ${CANARY}`, 'unknown role: [hidden]'],
    [`invalid role name "${CANARY}"`, 'invalid role name …'],
    [
      `IAM Principal "${CANARY}" does not belong to the role "app"`,
      'IAM Principal … does not belong to the role "app"',
    ],
    [
      `failed to verify connection: dial postgres://u:${CANARY}@db/app: refused`,
      'failed to verify connection: [hidden]',
    ],
    [`${CANARY}: ${CANARY}: permission denied`, '[hidden]: permission denied'],
    [`1 error occurred:\n\t* a ${CANARY}\n\n`, '1 error occurred:\n\t* [hidden]\n\n'],
    [`permission denied ${CANARY}`, '[hidden]'],
    [`${CANARY} permission denied`, '[hidden]'],
    [`permission denied\n${CANARY}`, 'permission denied\n[hidden]'],
    [`database/creds/app/${CANARY}`, '[hidden]'],
    [`"${CANARY}`.repeat(500), '[hidden]'],
    ['', ''],
  ])('given a text with more in it (%#), when told, then what is known of it is left', (text, left) => {
    expect(told(text)).toBe(left);
  });

  test('given a megabyte of what phrases are parted by, when told, then that takes no time to speak of, and the text is short', () => {
    const begun = performance.now();
    for (const part of [' ', '\n', ': ', ':', ' \n', ':\n', '\n* ', '\t* ', '"', 'role x: ', 'invalid role name ']) {
      const text = part.repeat(1_000_000 / part.length);
      for (const long of [text, `a${text}x`]) {
        const left = told(long);
        expect(left.length).toBeLessThan(20_000);
        loginReason('token', Array<string>(20).fill(left));
      }
    }
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  test('given each known phrase with what Vault puts in, when told, then that is hidden, and the phrase is there', () => {
    for (const phrase of KNOWN_TEXTS) {
      const text = phrase.replaceAll('{}', `"${CANARY}"`);
      expect([phrase, told(text).includes(CANARY)]).toEqual([phrase, false]);
      expect([phrase, told(text)]).toEqual([phrase, phrase.replaceAll('{}', '…')]);
    }
    expect(new Set(KNOWN_TEXTS).size).toBe(KNOWN_TEXTS.length);
  });
});
