import type { AccessToken } from '../../http/index.js';
import type { Asking } from './token.request.js';
import { fieldsOf, requestToken, SCOPE, tokenOf } from './token.request.js';

export interface Impersonation {
  /** `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/EMAIL:generateAccessToken`. */
  readonly url: string;
  /** Where it stands, for errors. */
  readonly urlOption: string;
  /** Service accounts in between. */
  readonly delegates?: readonly string[] | undefined;
  /** Seconds, as the file has it; what is no such number is not heeded. */
  readonly life?: unknown;
}

const IAM = 'the IAM credentials API';
/** Seconds. */
const LIFE = { usual: 3600, least: 600, most: 43_200 };

/** A token of the service account that these credentials may act as. */
export async function impersonatedToken(
  { url, urlOption, delegates = [], life }: Impersonation,
  own: AccessToken,
  asking: Asking,
): Promise<AccessToken> {
  const call = {
    method: 'POST' as const,
    url,
    path: '',
    urlOption,
    asked: IAM,
    advice: 'Give the identity the role roles/iam.serviceAccountTokenCreator on the service account.',
    headers: { authorization: `Bearer ${own.text}`, 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({
      scope: [SCOPE],
      lifetime: `${isLife(life) ? life : LIFE.usual}s`,
      ...(delegates.length > 0 && { delegates }),
    }),
  };
  return requestToken(call, asking, (response) => {
    const { accessToken, expireTime } = fieldsOf(response.json());
    // Measured by the answer's own clock, so that ours need not agree with it.
    const now = Date.parse(response.header('date') ?? '') || Date.now();
    return tokenOf(accessToken, Date.parse(String(expireTime)) - now, IAM, asking.sourceKind);
  });
}

const isLife = (life: unknown): life is number =>
  typeof life === 'number' && Number.isInteger(life) && life >= LIFE.least && life <= LIFE.most;
