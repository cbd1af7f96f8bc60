import { SecretSourceUnavailableError } from '../../core/errors/index.js';

/** Ends when the signal does, whatever is waited for: looking for credentials and a region heeds no signal. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const stopped = (): SecretSourceUnavailableError => new SecretSourceUnavailableError('the request was aborted.');
  if (signal.aborted) {
    work.catch(() => undefined);
    throw stopped();
  }
  let end = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    end = () => reject(stopped());
    signal.addEventListener('abort', end, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
