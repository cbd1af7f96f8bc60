import { SecretConfigurationError } from '../errors/index.js';
import type { PushChannel } from '../source/push-channel.js';

/** The channels of option `push`, each once. Throws SecretConfigurationError for what is none. */
export function pushChannels(given: unknown, taker: string): readonly PushChannel[] {
  if (given === undefined) return [];
  const channels: readonly unknown[] = Array.isArray(given) ? Array.from<unknown>(given) : [given];
  const odd = channels.findIndex((channel) => !isPushChannel(channel));
  if (odd < 0) return [...new Set(channels as readonly PushChannel[])];
  const option = Array.isArray(given) ? `push[${odd}]` : 'push';
  throw new SecretConfigurationError(
    `Option "${option}" of ${taker} is not a channel: one has a \`kind\` and a function \`open(listener)\`, as what \`sqsEvents({ … })\` gives.`,
  );
}

function isPushChannel(given: unknown): given is PushChannel {
  if (typeof given !== 'object' || given === null) return false;
  const { kind, open } = given as Partial<PushChannel>;
  return typeof kind === 'string' && kind !== '' && typeof open === 'function';
}
