import type { Parameter } from '@aws-sdk/client-ssm';
import type { SecretError } from '../../../core/errors/index.js';
import { SecretConfigurationError } from '../../../core/errors/index.js';
import { isArn } from '../shared/names.js';
import type { Stored } from '../shared/store.js';
import { KIND } from './parameter-store.client.js';

const SELECTOR = /:([\w.-]{1,100})$/;

/** The version or label at the end of a name or ARN, e.g. `3` of `/app/db:3`; undefined where there is none. */
const selectorOf = (id: string): string | undefined =>
  isArn(id) ? SELECTOR.exec(id.replace(/^arn:[^/]*/, ''))?.[1] : SELECTOR.exec(id)?.[1];

/** One version of a parameter as AWS gives it. */
export function stateOf({ Value = '', Type, Version, LastModifiedDate, SourceResult }: Parameter): Stored {
  // A reference has the version 0; which one it is stands in what Secrets Manager said, of which nothing else is looked at.
  const version = Version ? String(Version) : /"versionId"\s*:\s*"([\w-]+)"/i.exec(SourceResult ?? '')?.[1];
  return { value: Value, isList: Type === 'StringList', version, createdAt: LastModifiedDate };
}

/** Why a name that chooses a version is not asked for: a name is the same secret in all its versions. */
export function selectorRefusal(id: string): SecretError | undefined {
  const selector = selectorOf(id);
  if (selector === undefined) return undefined;
  return new SecretConfigurationError(`":${selector}" at the end of the name chooses a version or label.`, {
    sourceKind: KIND,
    advice: `Ask for the name without it, with the option { version: '${selector}' }; a value is always written as the newest version.`,
  });
}
