import {
  SecretAuthenticationError,
  SecretConfigurationError,
  SecretNotFoundError,
  SecretSourceUnavailableError,
  SecretThrottledError,
  SecretVersion,
  type SecretError,
} from 'nestjs-hcp-vault';
import { concernsAll, eachName, type Results } from '../../lib/core/source/each-name.js';

const names = Array.from({ length: 100 }, (_, index) => `SECRET_${index}`);
const signal = new AbortController().signal;
const failed = (status?: number, code?: string): SecretError =>
  new SecretSourceUnavailableError('failed.', { cause: { name: 'Error', status, code } });

describe('one request a name', () => {
  it.each([
    ['refused credentials', new SecretAuthenticationError(), true],
    ['throttling', new SecretThrottledError(), true],
    ['no connection', failed(undefined, 'ECONNREFUSED'), true],
    ['a gateway without a backend', failed(502), true],
    ['a backend that is sealed', failed(503), true],
    ['a fault of the backend with this one', failed(500), false],
    ['a value that can’t be read', new SecretSourceUnavailableError('AWS gave no value.'), false],
    ['a wrong name', new SecretConfigurationError('no such mount.'), false],
  ])(
    'given %s for one, when 100 are asked for, then the others are asked for only where it is not an answer to all',
    async (_, error, isAll) => {
      expect(concernsAll(error)).toBe(isAll);
      const results: Results = new Map();
      let asked = 0;
      await eachName(names, 10, results, { signal }, async (name) => {
        asked += 1;
        await Promise.resolve();
        if (isAll || name === 'SECRET_0') throw error;
        return SecretVersion.of(name);
      });
      expect(asked).toBe(isAll ? 10 : 100);
      expect(results.size).toBe(100);
      expect(results.get('SECRET_0')).toMatchObject({ code: error.code, secretName: 'SECRET_0' });
      if (isAll) expect(results.get('SECRET_99')).toMatchObject({ code: error.code, secretName: 'SECRET_99' });
      else expect(results.get('SECRET_99')).toBeInstanceOf(SecretVersion);
    },
  );

  it.each([
    ['no answer', failed(undefined, 'TimeoutError')],
    ['a gateway without a backend', failed(503)],
  ])(
    'given %s for one alone while others are answered, when 100 are asked for, then it takes nothing from them',
    async (_, error) => {
      const results: Results = new Map();
      let answered = 0;
      await eachName(names, 10, results, { signal }, async (name) => {
        // It hangs until half of the others are there.
        while (name === 'SECRET_0' && answered < 50) await Promise.resolve();
        if (name === 'SECRET_0') throw error;
        await Promise.resolve();
        answered += 1;
        return SecretVersion.of(name);
      });
      expect(answered).toBe(99);
      expect(results.get('SECRET_0')).toMatchObject({ code: error.code, isAlone: true });
      expect(concernsAll(results.get('SECRET_0') as SecretError)).toBe(false);
      expect(results.get('SECRET_99')).toBeInstanceOf(SecretVersion);
    },
  );

  it.each([
    ['the last one alone', 99, true],
    ['one before others that are not asked for any more', 50, false],
  ])(
    'given no answer to %s, when 100 are asked for, then it concerns all where it cuts them short',
    async (_, sick, own) => {
      const results: Results = new Map();
      const error = failed(503);
      await eachName(names, 1, results, { signal }, async (name) => {
        if (name === `SECRET_${sick}`) throw error;
        return SecretVersion.of(name);
      });
      expect(results.get(`SECRET_${sick - 1}`)).toBeInstanceOf(SecretVersion);
      const found = results.get(`SECRET_${sick}`) as SecretError;
      expect([concernsAll(found), found.cause]).toEqual([!own, error.cause]);
      expect(results.get('SECRET_99')).toMatchObject({ code: error.code, secretName: 'SECRET_99' });
    },
  );

  it('given good and bad ones, when they are asked for, then what is good is delivered as it comes, and what is missing has no answer', async () => {
    const results: Results = new Map();
    const delivered: string[] = [];
    const deliver = (part: ReadonlyMap<string, unknown>): void => void delivered.push(...part.keys());
    await eachName(['GOOD', 'GONE', 'NONE', 'BAD'], 2, results, { signal, deliver }, (name) => {
      if (name === 'GONE') throw new SecretNotFoundError();
      if (name === 'NONE') return Promise.resolve(undefined);
      return Promise.resolve(name === 'BAD' ? new SecretConfigurationError('unreadable.') : SecretVersion.of(name));
    });
    expect([...results.keys()]).toEqual(['GOOD', 'BAD']);
    expect(delivered).toEqual(['GOOD']);
  });

  it('given something that is not a SecretError, or a call that was aborted, when it is thrown, then the reading fails when nothing is under way', async () => {
    const fault = new TypeError('a fault of ours');
    let underWay = 0;
    let asked = 0;
    const work = async (name: string): Promise<undefined> => {
      asked += 1;
      underWay += 1;
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      if (name === 'SECRET_1') throw fault;
    };
    await expect(eachName(names, 4, new Map(), { signal }, work)).rejects.toBe(fault);
    expect(underWay).toBe(0);
    expect(asked).toBeLessThan(10);
    const aborted = AbortSignal.abort();
    const stopped = new SecretSourceUnavailableError('the request was aborted.');
    const results: Results = new Map();
    await expect(eachName(names, 4, results, { signal: aborted }, () => Promise.reject(stopped))).rejects.toBe(stopped);
    expect(results.size).toBe(0);
  });
});
