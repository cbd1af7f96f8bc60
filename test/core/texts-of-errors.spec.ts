import { inspect } from 'node:util';
import { SecretConfigurationError, SecretFieldError, SecretNotFoundError } from '../../lib/core/errors/index.js';
import { printableLine } from '../../lib/core/errors/printable.js';
import { HcpVaultClient } from '../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import { startLine } from '../../lib/core/client/start-line.js';
import { StartReport } from '../../lib/core/client/start-report.js';
import { SecretVersion } from '../../lib/core/secret/secret-version.js';
import { placesOf, sourcesText } from '../../lib/core/source/places.js';
import type { SecretPlace, SecretSource } from '../../lib/core/source/secret-source.js';
import { fileFault } from '../../lib/sources/watch/index.js';
import { VaultError } from '../../lib/sources/vault/client/vault.errors.js';
import { CapturedLogger } from '../support/captured-logger.js';
import { FakeClock } from '../support/fake-clock.js';
import { scripted } from '../support/scripted-connection.js';
import { z } from 'zod';

/** What clears a terminal, colours it, forges a line, turns the direction of writing, or ends a line where nobody sees it. */
const HOSTILE = 'a\u001b[2J\u001b]0;title\u0007b\r\n[Nest] 1 - LOG forged\u009b31m\u202ec\u2066d\u2028e\u007f\0';
// eslint-disable-next-line no-control-regex -- that is what must not be there
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

const texts = (error: Error): string[] => [
  error.message,
  String(error),
  error.stack ?? '',
  inspect(error, { colors: false }),
  ...Object.values(error).filter((value) => typeof value === 'string'),
];

describe('names and paths in the texts of errors', () => {
  it('given a name, a connection, a kind, a reason, an advice and a field with terminal escapes, when an error is made, then no text of it has them', () => {
    const details = { secretName: HOSTILE, connection: HOSTILE, sourceKind: HOSTILE, advice: HOSTILE };
    for (const error of [
      new SecretNotFoundError(HOSTILE, details),
      new SecretFieldError(HOSTILE, { ...details, field: HOSTILE }),
      new SecretConfigurationError('x').located(details),
      new VaultError(HOSTILE, { path: HOSTILE }),
      fileFault(`/run/${HOSTILE}`, Object.assign(new Error('x'), { code: 'ENOENT' })),
    ]) {
      for (const text of texts(error)) expect(text.match(CONTROL)).toBeNull();
      expect(error.message).not.toContain('\n');
      expect(error.message).toContain('forged');
    }
  });

  it.each([
    ['store is down', 'store is down. Call X.'],
    ['store is down.', 'store is down. Call X.'],
    ['is it up?', 'is it up? Call X.'],
    ['it says "no."', 'it says "no." Call X.'],
    ['see `x`', 'see `x`. Call X.'],
  ])('given the reason %j, when an error is made, and located, then its advice begins a sentence', (reason, text) => {
    const error = new SecretNotFoundError(reason, { advice: 'Call X' });
    expect(error.message).toBe(text);
    expect(error.located({ connection: 'main' }).message).toBe(`Connection "main": ${text}`);
  });

  it('given several errors, when they are listed, then each begins a line, and a name forges none', () => {
    const report = new StartReport({ kind: 'memory' }, 'default');
    for (const secretName of ['A', HOSTILE]) report.add(new SecretNotFoundError(undefined, { secretName }));
    const { message } = report.toError([]);
    expect(message.split('\n')).toHaveLength(5); // the last leads to the page of errors
    expect(message.match(CONTROL)).toBeNull();
  });

  it('given names of any language, when an error is made, then they stand as they are', () => {
    for (const secretName of ['ключ', '🔑', 'with space', 'שלום', '日本語', 'a\\b"c']) {
      const error = new SecretNotFoundError(undefined, { secretName });
      expect(error.message).toContain(`"${secretName}"`);
      expect(error.secretName).toBe(secretName);
    }
  });
});

describe('names, kinds and versions in lines of the log', () => {
  const backendOf = (given: Partial<SecretSource>) => {
    let version = HOSTILE;
    const source: SecretSource = {
      kind: HOSTILE,
      read: (names) =>
        Promise.resolve(new Map(names.map((name) => [name, SecretVersion.of(version.slice(0, 9), { version })]))),
      ...given,
    };
    return { source, next: (to: string) => (version = to) };
  };

  it('given hostile ones and a version of a megabyte, when the log tells of them, then each line is one, short, and has none of them', async () => {
    const logger = new CapturedLogger();
    const { source, next } = backendOf({
      describe: (name) => [{ source: HOSTILE, name, at: HOSTILE }],
      watch: () => {
        throw new Error(HOSTILE);
      },
    });
    const schema = { [`${HOSTILE}\n    at forged`]: z.string(), 'A-B': z.string() };
    const runtime = new SecretRuntime({ source, connection: HOSTILE, schema, logger, clock: new FakeClock() });
    await runtime.bootstrap([{ name: 'A_B', need: 'required' }], 'decorated');
    runtime.start();
    runtime.schemas.warnOfUnasked();
    runtime.log.info(startLine(runtime));
    const client = new HcpVaultClient(runtime);
    client.rotations$.subscribe(() => {
      throw new Error(HOSTILE);
    });
    next('v'.repeat(1_000_000));
    await client.refresh();
    runtime.log.warn(`names\n[Nest] forged ${HOSTILE}`);
    expect(logger.text).toContain('forged');
    expect(logger.at('debug').join()).toContain('Rotated in');
    for (const line of logger.lines) {
      expect(line.match(CONTROL)).toBeNull();
      expect(line.length).toBeLessThan(5000);
      for (const more of line.split('\n').slice(1))
        expect(more).toMatch(/^ {4}at .*:\d+:\d+\)?$|^ {4}at .*\(<anonymous>\)$/);
    }
    await runtime.shutdown();
  });

  it('given hostile ones, when what has them is made text, then it has none of them', () => {
    const texts = [
      String(SecretVersion.of('x', { version: HOSTILE })),
      inspect(SecretVersion.of('x', { version: HOSTILE })),
      String(scripted().client.ref(HOSTILE.replace(/\p{Cc}/gu, ''))),
      sourcesText([{ source: HOSTILE, name: 'A', at: HOSTILE }]),
      printableLine(HOSTILE),
    ];
    for (const text of texts) expect([text, text.match(CONTROL), text.includes('\n')]).toEqual([text, null, false]);
    expect(String(SecretVersion.of('x', { version: 'v'.repeat(1_000_000) })).length).toBeLessThan(200);
  });

  it('given a hostile kind, when a start fails, then its text has the lines of the report alone', () => {
    const kind = HOSTILE;
    const report = new StartReport({ kind, describe: (name) => [{ source: kind, name, at: kind }] }, 'default');
    const consumer = { kind: 'class', name: HOSTILE, member: 'constructor' } as const;
    report.add(new SecretNotFoundError(), { name: 'A', requested: undefined }, consumer);
    const { message } = report.toError([]);
    expect(message.split('\n')).toHaveLength(5); // the last leads to the page of errors
    expect(message.match(CONTROL)).toBeNull();
  });

  it('given a frozen error with all its names, when a start fails by it, then it is told as any other', () => {
    const report = new StartReport({ kind: 'own' }, 'default');
    const where = { secretName: 'A', connection: 'default', sourceKind: 'own' };
    const error = new SecretNotFoundError('gone.', where);
    Object.freeze(error);
    report.add(error);
    expect(report.toError([]).message).toContain('gone.');
  });
});

describe('places that a source of others tells', () => {
  const places = (told: unknown) => placesOf({ kind: 'own', describe: () => told as SecretPlace[] }, 'A');

  it('given getters that say something else the next time, when told, then what they said first', () => {
    let asked = 0;
    const place = {
      name: 'A',
      get source() {
        if (asked++ > 0) throw new Error('canary');
        return 'first';
      },
    };
    expect(sourcesText(places([place]))).toBe('first');
    expect(asked).toBe(1);
  });

  it('given very many, or very long ones, when told, then the text of them is short', () => {
    const many = Array.from({ length: 200 }, (_, index) => ({
      source: `own-${index}`,
      name: 'A',
      at: 'x'.repeat(500),
    }));
    expect(sourcesText(places(many)).length).toBeLessThan(8_000);
    const long = 'x'.repeat(1_000_000);
    const [place] = places([{ source: long, name: long, at: long }]);
    expect(Object.values(place!).join('').length).toBeLessThan(2_000);
  });

  it.each([[[{ source: 1, name: 'A' }]], [[null, undefined, 'x']], ['x'], [{ length: 5 }], [[]]])(
    'given %j, when told, then the name itself',
    (told) => expect(places(told)).toEqual([{ source: 'own', name: 'A' }]),
  );
});
