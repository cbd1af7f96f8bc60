import { SecretSourceUnavailableError } from '../../../core/errors/index.js';
import type { Identities } from '../shared/identities.js';
import { withoutRandom } from '../shared/identities.js';
import { isArn } from '../shared/names.js';
import type { Stored } from '../shared/store.js';
import { KIND } from './local-agent.errors.js';

type Fields = Readonly<Record<string, unknown>>;

/** Of `GetSecretValue`, as the agent and the extension write it: bytes in Base64, times in seconds or as text. Throws SecretSourceUnavailableError for any other. */
export function secretOf(id: string, answer: unknown, identities: Identities): Stored {
  const fields = fieldsOf(answer);
  const [arn, name, version] = [fields['ARN'], fields['Name'], fields['VersionId']].map(textOf);
  const isIt = isArn(id) ? arn === id || (arn !== undefined && withoutRandom(arn) === id) : name === id;
  if (!isIt) throw unusable('the answer is about another secret, and is not used.');
  identities.learn(id, arn);
  const { SecretString: text, SecretBinary: binary, CreatedDate: created } = fields;
  const value =
    typeof text === 'string' ? text : typeof binary === 'string' ? Buffer.from(binary, 'base64') : undefined;
  if (value === undefined) throw unusable('the answer holds no value of it.');
  return { value, version, createdAt: timeOf(created) };
}

/** Of `GetParameter`. */
export function parameterOf(id: string, answer: unknown, identities: Identities): Stored {
  const { Name, ARN, Value, Version, Type, LastModifiedDate } = fieldsOf(fieldsOf(answer)['Parameter']);
  if (Name !== id && ARN !== id) throw unusable('the answer is about another parameter, and is not used.');
  if (typeof Value !== 'string') throw unusable('the answer holds no value of it.');
  identities.learn(id, textOf(ARN));
  const version = typeof Version === 'number' ? String(Version) : textOf(Version);
  return { value: Value, isList: Type === 'StringList', version, createdAt: timeOf(LastModifiedDate) };
}

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Seconds as a number or as its text; else a date in words. */
function timeOf(value: unknown): Date | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const seconds = Number(value);
  const date = new Date(Number.isNaN(seconds) ? value : seconds * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

const unusable = (reason: string): SecretSourceUnavailableError =>
  new SecretSourceUnavailableError(reason, {
    sourceKind: KIND,
    advice: 'Check `port`, and that the agent itself answers there.',
    effect: 'none',
  });
