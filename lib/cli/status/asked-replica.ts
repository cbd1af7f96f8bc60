import {
  isSecretError,
  SecretAccessDeniedError,
  SecretAuthenticationError,
  SecretSourceUnavailableError,
} from '../../core/errors/index.js';
import type { StatusReport } from '../../core/status/status-report.js';
import { HttpTransport } from '../../sources/http/index.js';
import { UsageError } from '../usage-error.js';

/** What a replica's status page says, or why it says nothing. */
export type Asked =
  { readonly address: string; readonly report: StatusReport } | { readonly address: string; readonly error: Error };

export interface Asking {
  readonly token: string | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  readonly allowInsecure: boolean;
}

const KIND = 'status page';

/** Asks the status page of one replica for its JSON. Throws UsageError for an address that can't be meant. */
export async function askedReplica(text: string, { token, timeout, allowInsecure }: Asking): Promise<Asked> {
  const url = addressOf(text);
  const address = url.origin + url.pathname;
  const transport = new HttpTransport({
    url: url.origin,
    urlOption: 'the address',
    sourceKind: KIND,
    allowInsecure,
    warn: () => undefined,
  });
  try {
    const headers = { accept: 'application/json', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    const answer = await transport.request({ path: url.pathname, headers, timeout, redirect: 'manual' });
    if (answer.status !== 200) throw refusal(answer.status);
    const report: unknown = answer.json();
    if (!isReport(report))
      throw new SecretSourceUnavailableError('what answers there is no status page of this package.');
    return { address, report };
  } catch (error) {
    if (isSecretError(error)) return { address, error };
    throw error;
  } finally {
    await transport.close();
  }
}

function addressOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new UsageError('an address is that of a status page, as in https://app.example/secrets-status.');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new UsageError(
      'an address has no credentials and no query: the token is in HCP_VAULT_STATUS_TOKEN, or in a file that --token-file names.',
    );
  }
  return url;
}

function refusal(status: number): Error {
  const advice = 'Give its token in HCP_VAULT_STATUS_TOKEN, or in a file that --token-file names.';
  if (status === 401)
    return new SecretAuthenticationError('the status page refuses the token, or wants one.', { advice });
  if (status === 403)
    return new SecretAccessDeniedError('the status page lets nobody in so.', { advice: 'Ask what guards it.' });
  const what = status === 404 ? 'there is no status page (404).' : `the status page answers ${status}.`;
  return new SecretSourceUnavailableError(what, { advice: 'Check the address, with its path.' });
}

type Fields = Readonly<Record<string, unknown>>;

/** What is used here, and of the kind that it is used as: one replica that says it otherwise must not hide what the others say. */
const TEXTS_OF_SECRET = ['name', 'connection', 'standing'];
const TEXTS_THAT_MAY_BE = ['version', 'versionKind', 'loadedAt', 'nextRefreshAt', 'why'];

/** As far as it is used here: an older or newer replica may say more, or less. */
function isReport(value: unknown): value is StatusReport {
  const { verdict, secrets, replica } = fieldsOf(value);
  const { host, pid, version } = fieldsOf(replica);
  return (
    haveTexts(fieldsOf(verdict), ['level', 'headline', 'text']) &&
    [host, version].every(isText) &&
    typeof pid === 'number' &&
    Array.isArray(secrets) &&
    secrets.map(fieldsOf).every(isSecret)
  );
}

const isSecret = (secret: Fields): boolean =>
  haveTexts(secret, TEXTS_OF_SECRET) &&
  TEXTS_THAT_MAY_BE.every((key) => secret[key] === undefined || isText(secret[key]));

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const haveTexts = (fields: Fields, keys: readonly string[]): boolean => keys.every((key) => isText(fields[key]));
const isText = (value: unknown): value is string => typeof value === 'string';
