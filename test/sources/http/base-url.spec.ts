import { SecretConfigurationError } from '../../../lib/core/errors/index.js';
import { HttpTransport, parseBaseUrl } from '../../../lib/sources/http/index.js';
import { printed } from '../support/printed.js';

const canary = 'canary-url-password';
const make = (options: { url: string; allowInsecure?: boolean; verify?: boolean; warn?: (text: string) => void }) =>
  new HttpTransport({ urlOption: 'apiUrl (HCP_API_ADDRESS)', sourceKind: 'test', ...options });

const thrownBy = (work: () => unknown): Error => {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
};

describe('the address of a backend', () => {
  test.each(['http://localhost:1', 'http://127.0.0.1:1', 'http://127.8.9.1', 'http://[::1]:1', 'http://127.1'])(
    'given %s, when plain, then it is loopback and taken without a warning',
    (url) => {
      const warnings: string[] = [];
      const warn = (text: string) => warnings.push(text);
      make({ url, warn });
      make({ url: url.replace('http:', 'https:'), verify: false, warn });
      expect(warnings).toEqual([]);
    },
  );

  test.each([
    'http://10.0.0.1',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'http://[::2]',
    'http://0.0.0.0',
  ])('given %s, when plain, then it is refused, and the error says what to do', (url) => {
    const error = thrownBy(() => make({ url }));
    expect(error).toBeInstanceOf(SecretConfigurationError);
    expect(error.message).toMatch(/apiUrl \(HCP_API_ADDRESS\).*plain http.*allowInsecure: true/);
  });

  test('given unverified TLS beyond loopback, when made, then it is refused', () => {
    expect(thrownBy(() => make({ url: 'https://vault.example', verify: false })).message).toMatch(
      /check of the certificate/,
    );
  });

  test('given allowInsecure, when made, then each start warns, naming the origin', () => {
    const warnings: string[] = [];
    const warn = (text: string) => warnings.push(text);
    make({ url: 'http://vault.example/v1', allowInsecure: true, warn });
    make({ url: 'https://vault.example', allowInsecure: true, verify: false, warn });
    make({ url: 'https://vault.example', allowInsecure: true, warn });
    expect(warnings).toEqual([
      expect.stringMatching(/plain http to http:\/\/vault\.example:/),
      expect.stringMatching(/TLS without a check of the certificate to https:\/\/vault\.example:/),
    ]);
  });

  test('given no warn callback, when insecure, then the process warns', () => {
    const warnings: unknown[] = [];
    const { emitWarning } = process;
    process.emitWarning = (text: string | Error) => void warnings.push(text);
    try {
      make({ url: 'http://vault.example', allowInsecure: true });
    } finally {
      process.emitWarning = emitWarning;
    }
    expect(warnings).toEqual([expect.stringContaining('http://vault.example')]);
  });

  test.each([
    `https://user:${canary}@host`,
    `https://host?token=${canary}`,
    `https://host#${canary}`,
    `ftp://${canary}`,
    `${canary} no url`,
  ])('given an address that may hold a secret, when refused, then the error does not quote it (%#)', (url) => {
    const error = thrownBy(() => make({ url }));
    expect(error).toBeInstanceOf(SecretConfigurationError);
    expect(printed(error)).not.toContain(canary);
  });

  test('given a path, when parsed, then it goes before each request, without its last slash', () => {
    expect(parseBaseUrl('https://host:8443/a/b/', 'url', 'test')).toEqual({
      protocol: 'https:',
      host: 'host:8443',
      origin: 'https://host:8443',
      shown: 'https://host:8443',
      path: '/a/b',
      loopback: false,
    });
  });

  test('given a proxy variable that is not a URL, when made, then the error names it and not its text', () => {
    process.env['HTTPS_PROXY'] = `http://user:${canary}@:::`;
    try {
      const error = thrownBy(() => make({ url: 'https://vault.example' }));
      expect(error.message).toContain('HTTPS_PROXY');
      expect(printed(error)).not.toContain(canary);
    } finally {
      delete process.env['HTTPS_PROXY'];
    }
  });
});
