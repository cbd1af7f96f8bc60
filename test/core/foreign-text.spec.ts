import { foreignLabel, foreignText, framesOf } from '../../lib/core/errors/foreign-text.js';
import { SecretNotFoundError } from '../../lib/core/errors/index.js';

const CANARY = 'canary-value-1';

class DriverError extends Error {
  readonly code = '28P01';
  constructor(message: string) {
    super(message);
    this.name = 'DriverError';
  }
}

describe('what is told of a foreign error', () => {
  it('given an error that quotes a value in some spelling, when told, then name, code, status and where it was thrown', () => {
    const error = Object.assign(new DriverError(`no: ${Buffer.from(CANARY).toString('base64')}\n${CANARY}`), {
      status: 401,
    });
    const [label, ...frames] = foreignText(error).split('\n');
    expect(label).toBe('DriverError (code 28P01, status 401)');
    expect(frames.length).toBeGreaterThan(0);
    for (const frame of frames) expect(frame).toMatch(/^ {4}at /);
    expect(frames[0]).toContain('foreign-text.spec.ts');
  });

  it('given what JSON.parse throws of a value, when told, then nothing of the value', () => {
    let error: unknown;
    try {
      JSON.parse(`{"password": ${CANARY}}`);
    } catch (thrown) {
      error = thrown;
    }
    expect(String(error)).toContain('canar'); // V8 quotes
    expect(foreignText(error)).not.toContain('canar');
    expect(foreignText(error)).toMatch(/^SyntaxError\n {4}at /);
  });

  it('given an error of Node, whose stack has its code behind the name, when told, then with its frames', () => {
    let error: unknown;
    try {
      Buffer.alloc(CANARY as unknown as number);
    } catch (thrown) {
      error = thrown;
    }
    expect(foreignText(error)).toMatch(/^TypeError \(code ERR_INVALID_ARG_TYPE\)\n {4}at /);
    expect(foreignText(error)).not.toContain(CANARY);
  });

  it.each<[string, () => unknown]>([
    ['a message that was changed', () => Object.assign(new Error(CANARY), { message: 'harmless' })],
    ['a message that was shortened', () => Object.assign(new Error(`no\n${CANARY}`), { message: 'no' })],
    ['a message that was taken away', () => Object.assign(new Error(CANARY), { message: '' })],
    ['a stack of its own', () => Object.assign(new Error('no'), { stack: `Error: no\n    at ${CANARY}` })],
    ['a stack that is none', () => Object.assign(new Error('no'), { stack: [CANARY] })],
    [
      'a name that is a sentence',
      () => Object.assign(new Error('no'), { name: `not ${CANARY}`, stack: `not ${CANARY}: no\n    at f (/a.js:1:1)` }),
    ],
    ['a name that is long', () => Object.assign(new Error('no'), { name: CANARY.repeat(4) })],
    ['codes that are not identifiers', () => Object.assign(new Error('no'), { code: `a ${CANARY}`, status: CANARY })],
    ['text', () => CANARY],
    ['a list', () => [CANARY]],
    [
      'an object with an error in it',
      () => ({ name: 'Odd', error: new Error(CANARY), cause: { code: `${CANARY} x` } }),
    ],
    [
      'an object that throws when looked at',
      () =>
        new Proxy(
          {},
          {
            get: () => {
              throw new Error(CANARY);
            },
          },
        ),
    ],
  ])('given %s, when told, then nothing of the value', (_, make) => {
    expect(foreignText(make())).not.toContain('canary');
  });

  it.each([
    `    at eval (eval at run (/srv/app.js:1:1), <anonymous>:1:1)`,
    `    at eval (${CANARY}:1:1)`,
    `    at data:text/javascript,throw new Error("${CANARY}"):1:7`,
    `    at load (data:text/javascript;base64,Y2FuYXJ5:1:7)`,
    `    at file:///srv/app.js?key=${CANARY}:1:7`,
    `    at blob:nodedata:${CANARY}:1:7`,
    `    at https://host/${CANARY}.js:1:7`,
    `    at ${CANARY}`,
    `    at f (/srv/\u001b[2J.js:1:1)`,
    `    at f\u001b[2J (/srv/app.js:1:1)`,
  ])('given the frame "%s", when told, then it is left out and others are not', (line) => {
    const stack = `Error: no\n    at first (/srv/app.js:1:2)\n${line}\n    at async file:///srv/app.js:3:4`;
    expect(framesOf({ stack, message: 'no' })).toEqual([
      '    at first (/srv/app.js:1:2)',
      '    at async file:///srv/app.js:3:4',
    ]);
  });

  it.each([
    '    at new Pool (C:\\app\\pool.js:1:2)',
    '    at Object.<anonymous> (/srv/my app/node_modules/@scope/x/index.js:10:20)',
    '    at async Promise.all (index 0)',
    '    at Pool.get password [as secret] (file:///srv/app.js:1:2)',
    '    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)',
    '    at Array.map (<anonymous>)',
    '    at JSON.parse (<anonymous>)',
    '    at Pool.#connect (/srv/app.ts:1:2)',
    '    at node:internal/main/run_main_module:33:47',
    '    at native',
  ])('given the frame "%s", when told, then it is there', (line) => {
    expect(framesOf({ stack: `TypeError: no\n${line}`, message: 'no' })).toEqual([line]);
  });

  it('given lines that follow the frames, as of a driver that appends its query, when told, then they are left out', () => {
    const stack = `Error\n    at a (/a.js:1:1)\n    query: ${CANARY}\n    at b (/b.js:1:1)`;
    expect(framesOf({ stack, message: '' })).toEqual(['    at a (/a.js:1:1)']);
  });

  it('given a stack without end, when told, then its first lines: thirty at most, and four kilobytes', () => {
    const limit = Error.stackTraceLimit;
    let error: unknown;
    const endless = (): number => 1 + endless();
    try {
      Error.stackTraceLimit = Infinity;
      endless();
    } catch (thrown) {
      error = thrown;
    } finally {
      Error.stackTraceLimit = limit;
    }
    expect((error as Error).stack!.length).toBeGreaterThan(100_000);
    expect(framesOf(error)[0]).toContain('endless');
    expect(foreignText(error).length).toBeLessThan(5000);
    const short = Array.from({ length: 100 }, (_, index) => `    at f (/a.js:1:${index})`);
    expect(framesOf({ stack: `Error: no\n${short.join('\n')}`, message: 'no' })).toEqual(short.slice(0, 30));
    const long = `    at f (/${'a'.repeat(3000)}.js:1:10)`;
    expect(framesOf({ stack: `Error: no\n${long}\n${long}`, message: 'no' })).toEqual([long]);
  });

  it('given an error of ours, when told, then whole: it says what to do next', () => {
    expect(foreignLabel(new SecretNotFoundError(undefined, { secretName: 'KEY' }))).toMatch(
      /^SecretNotFoundError: Secret "KEY": not found/,
    );
  });
});
