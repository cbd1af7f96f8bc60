import { setMaxListeners } from 'node:events';
import type { SecretError } from '../errors/index.js';
import { isSecretError } from '../errors/index.js';
import { isOfItsOwn, ofItsOwn, withoutEffect } from '../errors/transient.js';
import type { SecretVersion } from '../secret/secret-version.js';
import { inParallel } from './in-parallel.js';
import type { ReadContext } from './secret-source.js';

export type Results = Map<string, SecretVersion | SecretError>;

/** Of a gateway, or of a backend that says so itself: nobody is there to answer. */
const NOT_THERE = [502, 503, 504];

/** Names the cause of a failure to get what proves who we are: whatever its status, each other request would fail so too. */
export const NO_CREDENTIALS = 'CredentialsError';

/** True for what one request fails with and every other would: who refuses our credentials, asks for fewer requests, or can't be reached. */
export function concernsAll(error: SecretError): boolean {
  const { code, cause } = error;
  if (code === 'SECRET_AUTHENTICATION' || code === 'SECRET_THROTTLED') return true;
  if (code !== 'SECRET_SOURCE_UNAVAILABLE' || cause === undefined) return false;
  if (isOfItsOwn(error)) return false;
  const { status, name } = cause as { readonly status?: unknown; readonly name?: unknown };
  return typeof status !== 'number' || NOT_THERE.includes(status) || name === NO_CREDENTIALS;
}

/**
 * Works on items, one request each, at most `limit` at a time and in order. A failure is its item's (`failed`), and takes nothing from the others, unless
 * it concerns all: then the rest is not asked for, and has failed with it. Who gets no answer while others, begun later, have theirs is sick by itself, and
 * so is who gets none at the end, where nobody was left to be asked.
 * Resolves when none is under way any more. Rejects with what is not a SecretError, and where the call was aborted.
 */
export async function eachRequest<T>(
  items: readonly T[],
  limit: number,
  { signal }: Pick<ReadContext, 'signal'>,
  work: (item: T) => Promise<void>,
  failed: (item: T, error: SecretError) => void,
): Promise<void> {
  setMaxListeners(0, signal); // a reading may be of any number of requests
  let refused: SecretError | undefined;
  let broken: { readonly error: unknown } | undefined;
  /** Those without an answer of which it is not clear yet whether the backend gives any. */
  const unanswered: (readonly [T, SecretError])[] = [];
  let isCutShort = false;
  let begun = 0;
  let lastAnswered = 0;
  await inParallel(items, limit, async (item) => {
    if (broken) return;
    if (refused) {
      isCutShort = true;
      return failed(item, withoutEffect(refused)); // not asked for: whatever it did to the one that was
    }
    const order = (begun += 1);
    try {
      await work(item);
      lastAnswered = Math.max(lastAnswered, order);
    } catch (error) {
      if (!isSecretError(error) || signal.aborted) return void (broken ??= { error });
      const isAnswer = !concernsAll(error);
      const isSilence = !isAnswer && error.code === 'SECRET_SOURCE_UNAVAILABLE';
      if (isAnswer) lastAnswered = Math.max(lastAnswered, order);
      if (isSilence && order < lastAnswered) return failed(item, ofItsOwn(error));
      if (!isAnswer) refused ??= error;
      if (isSilence) unanswered.push([item, error]);
      else failed(item, error);
    }
  });
  const isOwn = !isCutShort && lastAnswered > 0;
  for (const [item, error] of unanswered) failed(item, isOwn ? ofItsOwn(error) : error);
  if (broken) throw broken.error;
}

/**
 * One request a name: the way of all sources that ask so. What `work` gives is the name's answer, and is delivered as it comes; what it rejects with is
 * the name's error, but for "not found", which is not an answer at all.
 */
export function eachName(
  names: readonly string[],
  limit: number,
  results: Results,
  context: ReadContext,
  work: (name: string) => Promise<SecretVersion | SecretError | undefined>,
): Promise<void> {
  const ask = async (name: string): Promise<void> => {
    const answer = await work(name);
    if (answer === undefined) return;
    results.set(name, answer);
    if (!isSecretError(answer)) context.deliver?.(new Map([[name, answer]]));
  };
  return eachRequest(names, limit, context, ask, (name, error) => {
    if (error.code !== 'SECRET_NOT_FOUND') results.set(name, error.located({ secretName: name }));
  });
}
