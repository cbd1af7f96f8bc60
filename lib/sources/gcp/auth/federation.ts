import {
  SecretAuthenticationError,
  SecretConfigurationError,
  SecretSourceUnavailableError,
} from '../../../core/errors/index.js';
import { fileTrouble, readCredentialText } from '../../watch/index.js';
import type { AccessToken } from '../../http/index.js';
import { isLinkLocal } from '../../http/index.js';
import type { CredentialFile } from './credential.file.js';
import type { Asking } from './token.request.js';
import { fieldsOf, grantedToken, LINK_LOCAL, requestToken, SCOPE } from './token.request.js';

const STS = 'the security token service';
const ADVICE =
  'Check the workload identity pool and provider of the audience, and that its conditions take the token that is handed to it.';

/** Workload identity federation: the token of another identity provider, read again each time, for one of Google's. */
export async function federatedToken(file: CredentialFile, asking: Asking): Promise<AccessToken> {
  const { sourceKind } = asking;
  const url = file.needed('token_url', sourceKind);
  const userProject = file.text('workforce_pool_user_project');
  const form = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    audience: file.needed('audience', sourceKind),
    scope: SCOPE,
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    subject_token: await subjectToken(file, asking),
    subject_token_type: file.needed('subject_token_type', sourceKind),
    ...(userProject !== undefined && { options: JSON.stringify({ userProject }) }),
  });
  const call = {
    method: 'POST' as const,
    url,
    path: '',
    urlOption: `token_url in "${file.path}"`,
    asked: STS,
    advice: ADVICE,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: form.toString(),
  };
  return requestToken(call, asking, (response) => grantedToken(response, STS, sourceKind));
}

async function subjectToken(file: CredentialFile, asking: Asking): Promise<string> {
  const { sourceKind } = asking;
  const source = file.fields('credential_source');
  const format = fieldsOf(source['format']);
  const token = tokenIn(await subjectText(file, source, asking), format);
  if (token !== undefined) return token;
  const reason = `the credential_source in "${file.path}" gives no token${format['type'] === 'json' ? ' in that field' : ''}.`;
  throw new SecretAuthenticationError(reason, {
    sourceKind,
    advice: 'Look at what is written there, and at `format` in the file of credentials.',
  });
}

async function subjectText(
  file: CredentialFile,
  { file: path, url, headers, environment_id: environment }: Readonly<Record<string, unknown>>,
  asking: Asking,
): Promise<string> {
  const { sourceKind } = asking;
  // AWS's has a URL too, which is that of a role's name.
  if (environment === undefined && typeof path === 'string') {
    try {
      return await readCredentialText(path);
    } catch (cause) {
      const { reason, advice } = fileTrouble(path, cause);
      throw new SecretSourceUnavailableError(`the token to exchange: ${reason}`, { sourceKind, cause, advice });
    }
  }
  if (environment !== undefined || typeof url !== 'string') {
    throw new SecretConfigurationError(
      `the credential_source in "${file.path}" is neither a file nor a URL: of AWS, of a command or of a certificate, for instance.`,
      { sourceKind, advice: 'Give `auth: new GoogleAuth({ scopes })` of google-auth-library, which knows these.' },
    );
  }
  const asked = 'the identity provider of credential_source';
  const urlOption = `credential_source.url in "${file.path}"`;
  const texts = Object.entries(fieldsOf(headers)).filter(([, value]) => typeof value === 'string');
  const isMachines = URL.canParse(url) && isLinkLocal(new URL(url).hostname);
  const call = {
    url,
    path: '',
    urlOption,
    asked,
    advice: `Check ${urlOption}.`,
    isItsOwn: () => true,
    ...(isMachines && { transport: LINK_LOCAL }), // Azure's virtual machines have theirs there
  };
  return requestToken({ ...call, headers: Object.fromEntries(texts) as Record<string, string> }, asking, (response) =>
    response.text(),
  );
}

function tokenIn(
  text: string,
  { type, subject_token_field_name: field }: Readonly<Record<string, unknown>>,
): string | undefined {
  if (type !== 'json') return text.trim() || undefined;
  try {
    const token = typeof field === 'string' ? fieldsOf(JSON.parse(text))[field] : undefined;
    return typeof token === 'string' && token !== '' ? token : undefined;
  } catch {
    return undefined; // the parser's error quotes the token
  }
}
