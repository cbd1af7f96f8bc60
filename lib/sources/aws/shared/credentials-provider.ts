import { SecretFieldError } from '../../../core/errors/index.js';
import type { OptionKinds } from '../../../core/options/option-kinds.js';
import { ownOptions } from '../../../core/options/own-options.js';
import type { AwsCredentials, AwsCredentialsProvider } from './aws.options.js';

/** What is needed of a SecretRef. */
export interface CredentialsRef<T> {
  readonly value: T;
  readonly name?: string;
  /** Where the holder knows when the value ends. */
  readonly expiresAt?: Date | undefined;
}

export interface AwsCredentialsProviderOptions<T> {
  /** The credentials in the secret’s value. @default finds them under the names that HCP, Vault and AWS use, also below `values` and `data` */
  readonly map?: ((value: T) => AwsCredentials) | undefined;
}

export const CREDENTIALS_PROVIDER_OPTIONS: OptionKinds<AwsCredentialsProviderOptions<unknown>> = { map: 'function' };

const SPELLINGS = {
  accessKeyId: ['access_key_id', 'access_key', 'accessKeyId', 'AccessKeyId', 'aws_access_key_id', 'AWS_ACCESS_KEY_ID'],
  secretAccessKey: [
    'secret_access_key',
    'secret_key',
    'secretAccessKey',
    'SecretAccessKey',
    'aws_secret_access_key',
    'AWS_SECRET_ACCESS_KEY',
  ],
  sessionToken: [
    'session_token',
    'security_token',
    'sessionToken',
    'SessionToken',
    'aws_session_token',
    'AWS_SESSION_TOKEN',
  ],
} as const;
const ENDS = ['expires_at', 'expiration', 'Expiration', 'expiresAt'];

/**
 * A secret, mostly a dynamic one, as the `credentials` of any AWS SDK client, in place of environment variables. The client asks for each request,
 * which costs a read from memory, so that it follows every rotation; `expiration` is the value's own end, where it or the ref tells it.
 * Rejects as `ref.value` throws, and with SecretFieldError, which names what is missing, where the value holds no credentials.
 */
export function awsCredentialsProvider<T>(
  ref: CredentialsRef<T>,
  options?: AwsCredentialsProviderOptions<T>,
): AwsCredentialsProvider {
  const given = ownOptions(options, CREDENTIALS_PROVIDER_OPTIONS as OptionKinds<AwsCredentialsProviderOptions<T>>, 'awsCredentialsProvider'); // prettier-ignore
  const { map = (value: T) => found(value, ref.name) } = given;
  // eslint-disable-next-line @typescript-eslint/require-await -- what throws is to reject
  const provide = async (): Promise<AwsCredentials> => {
    const { value } = ref;
    const { accessKeyId, secretAccessKey, sessionToken, expiration = endOf(value) ?? ref.expiresAt } = map(value);
    return {
      accessKeyId,
      secretAccessKey,
      ...(sessionToken !== undefined && { sessionToken }),
      ...(expiration !== undefined && { expiration }),
    };
  };
  // Otherwise the SDK keeps credentials without an end for ever, and others until five minutes before it.
  return Object.assign(provide, { memoized: true });
}

type Fields = Readonly<Record<string, unknown>>;

const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

/** The value itself, and what HCP (`values`) and Vault (`data`) wrap it in. */
function layersOf(value: unknown): Fields[] {
  const top = fieldsOf(value);
  return [top, fieldsOf(top?.['values']), fieldsOf(top?.['data'])].filter((layer) => layer !== undefined);
}

function found(value: unknown, secretName: string | undefined): AwsCredentials {
  const layers = layersOf(value);
  const pick = (part: keyof typeof SPELLINGS): string | undefined => {
    for (const layer of layers) {
      for (const key of SPELLINGS[part]) {
        const text = Object.hasOwn(layer, key) ? layer[key] : undefined;
        if (typeof text === 'string' && text !== '') return text;
      }
    }
    return undefined;
  };
  const need = (part: keyof typeof SPELLINGS): string => {
    const text = pick(part);
    if (text !== undefined) return text;
    throw new SecretFieldError(`it holds no AWS credentials: no ${SPELLINGS[part][0]} (or ${SPELLINGS[part][1]}).`, {
      secretName,
      field: SPELLINGS[part][0],
      advice: 'Give `map`, where they have other names.',
    });
  };
  return {
    accessKeyId: need('accessKeyId'),
    secretAccessKey: need('secretAccessKey'),
    sessionToken: pick('sessionToken'),
  };
}

function endOf(value: unknown): Date | undefined {
  for (const layer of layersOf(value)) {
    for (const key of ENDS) {
      const end = Object.hasOwn(layer, key) ? layer[key] : undefined;
      const date = end instanceof Date ? end : typeof end === 'string' ? new Date(end) : undefined;
      if (date && !Number.isNaN(date.getTime())) return date;
    }
  }
  return undefined;
}
