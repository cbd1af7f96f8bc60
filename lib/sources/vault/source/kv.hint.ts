import { isSecretError, SecretAccessDeniedError, SecretNotFoundError } from '../../../core/errors/index.js';
import type { KvEngine } from './kv.engine.js';

const hinted = new WeakSet<object>();

/**
 * Who copies a path from Vault's API or a policy has the mount in it, and `data/` in that of version 2, where names begin below both. An error of such a
 * path that is not there, or not allowed, says so; any other comes back as it is.
 */
export function withHint(error: unknown, engine: KvEngine, path: string): unknown {
  const hint = hintAt(engine, path);
  if (hint === undefined || !isSecretError(error)) return error;
  if (error.code !== 'SECRET_NOT_FOUND' && error.code !== 'SECRET_ACCESS_DENIED') return error;
  const advice = `${hint} ${error.code === 'SECRET_ACCESS_DENIED' ? error.advice : ''}`.trim();
  const { reason, cause, secretName, connection, sourceKind } = error;
  const Kind = error.code === 'SECRET_NOT_FOUND' ? SecretNotFoundError : SecretAccessDeniedError;
  const told = new Kind(reason, { secretName, connection, sourceKind, cause, advice });
  hinted.add(told);
  return told;
}

/** Whether it tells of such a path, and so is an answer of its own. */
export const isHinted = (error: object): boolean => hinted.has(error);

function hintAt(engine: KvEngine, path: string): string | undefined {
  const { mount } = engine;
  const below = path.startsWith(`${mount}/`) ? path.slice(mount.length + 1) : path;
  const hasData = engine.requestAt('') !== `GET ${mount}/` && below.startsWith('data/');
  const bare = hasData ? below.slice('data/'.length) : below;
  if (bare === path || bare === '') return undefined;
  const addition = path.slice(0, path.length - bare.length);
  return `The path within the mount "${mount}" begins with "${addition}", which is put before it by itself: leave it out, as in "${bare}".`;
}
