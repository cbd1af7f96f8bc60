import type { SecretError, SecretErrorCode } from '../../core/errors/index.js';
import { printable } from '../../core/errors/index.js';
import { didYouMean, nearNames } from '../../core/options/near-names.js';
import { NO_CREDENTIALS } from '../../core/source/each-name.js';
import { isTlsFault } from '../../sources/http/index.js';
import { withTypedOptions } from '../source/typed-options.js';
import type { CheckName, Finding } from './finding.js';
import { fail } from './finding.js';

export interface Circumstances {
  /** The source's kind. */
  readonly kind: string;
  /** That was read. */
  readonly name?: string | undefined;
  /** That the source lists, where it does. */
  readonly names?: readonly string[] | undefined;
  /** Where the source looks, e.g. a region. */
  readonly at?: string | undefined;
}

const CHECKS: Readonly<Record<SecretErrorCode, CheckName>> = {
  SECRET_AUTHENTICATION: 'credentials',
  SECRET_ACCESS_DENIED: 'rights',
  SECRET_NOT_FOUND: 'read',
  SECRET_THROTTLED: 'quota',
  SECRET_CONFIGURATION: 'settings',
  SECRET_SOURCE_UNAVAILABLE: 'server',
  SECRET_SOURCE_READ_ONLY: 'settings',
  SECRET_NOT_LOADED: 'read',
  SECRET_FIELD: 'read',
  SECRET_VALIDATION: 'read',
  SECRET_BOOTSTRAP: 'read',
};

/** Files that a setting names: a moment may heal them, but that is not what is wrong. */
const FILE_FAULTS = ['ENOENT', 'EACCES', 'EISDIR', 'ENOTDIR'];

/** A failure in two sentences: what is so, and what to do. The texts are the error's own, but where more is known here. */
export function explained(error: SecretError, circumstances: Circumstances): Finding {
  const name = circumstances.name === undefined ? '' : `"${printable(circumstances.name)}": `;
  const [fact, hint] = error.advice ? [error.reason, error.advice] : divided(error.reason);
  return fail(checkOf(error), name + said(fact), remedyOf(error, circumstances) ?? said(hint));
}

const said = (text: string): string => printable(withTypedOptions(text));

function checkOf({ code, cause }: SecretError): CheckName {
  const { code: causeCode, name } = (cause ?? {}) as { readonly code?: unknown; readonly name?: unknown };
  if (isTlsFault(cause)) return 'TLS';
  if (code !== 'SECRET_SOURCE_UNAVAILABLE') return CHECKS[code];
  if (name === NO_CREDENTIALS) return 'credentials';
  return typeof causeCode === 'string' && FILE_FAULTS.includes(causeCode) ? 'settings' : CHECKS[code];
}

/** What to do stands in the reason itself then, as its last part. */
function divided(reason: string): readonly [fact: string, hint: string] {
  const [, fact, hint] = /^(.+?)(?:\. (?=[A-Z])|: (?=(?:set|give|use|name|run|check)\b))(.+)$/s.exec(reason) ?? [];
  if (fact === undefined || hint === undefined) return [reason, 'See the documentation of the source.'];
  return [`${fact}.`, hint.replace(/^./, (first) => first.toUpperCase())];
}

function remedyOf(error: SecretError, { kind, name, names, at }: Circumstances): string | undefined {
  if (error.code !== 'SECRET_NOT_FOUND' || name === undefined) return undefined;
  const meant = names && didYouMean(nearNames(name, names)).trim();
  if (meant) return meant;
  if (kind === 'vault' && /^(?:data|metadata)\//.test(name)) {
    return `"${name.split('/')[0]}/" is a part of KV's API and of no name: leave it out, also of the source's prefix.`;
  }
  if (kind.startsWith('aws-')) {
    return `It is looked for in ${at ?? 'one region'} only, in the account of these credentials: check both, and the prefix.`;
  }
  return names?.length === 0 ? 'The source holds nothing at all: check its prefix, path or document.' : undefined;
}
