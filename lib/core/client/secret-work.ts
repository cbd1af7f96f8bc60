import { toMilliseconds } from '../duration.js';
import { ownOptions } from '../options/own-options.js';
import type { WithSecretOptions } from './read-options.js';
import { WITH_SECRET_OPTIONS } from './read-options.js';
import type { SecretRuntime } from './secret-runtime.js';

/** Work with a value of a secret, as `client.withSecret` does it. @param read gives the value, or the field that is asked for. */
export async function workWith<V, R>(
  runtime: SecretRuntime,
  name: string,
  read: (field: string | undefined) => Promise<V>,
  work: (value: V) => Promise<R>,
  options: WithSecretOptions | undefined,
): Promise<R> {
  const { field, rejects, retryFor = '30s' } = ownOptions(options, WITH_SECRET_OPTIONS, 'client.withSecret');
  const secret = runtime.secrets.obtain(name);
  const attempt = async (): Promise<R> => {
    const value = await read(field);
    const release = secret.live.current && secret.live.holds.hold(secret.live.current.revision);
    try {
      return await work(value);
    } finally {
      release?.();
    }
  };
  const longest = toMilliseconds(retryFor, 'retryFor');
  secret.enter(); // held while the work lasts, as by whoever reads: names may be without end
  try {
    return await runtime.rejections.workOf(secret).run(attempt, { rejects, retryFor: longest });
  } finally {
    secret.leave();
  }
}
