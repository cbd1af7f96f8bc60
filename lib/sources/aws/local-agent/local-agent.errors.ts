import type { SecretError } from '../../../core/errors/index.js';
import {
  SecretAuthenticationError,
  SecretConfigurationError,
  SecretSourceUnavailableError,
} from '../../../core/errors/index.js';
import type { HttpResponse } from '../../http/index.js';
import { failedAnswer, throttledAnswer } from '../../http/index.js';
import { toSecretError } from '../shared/aws.errors.js';

export const KIND = 'aws-local-agent';

/**
 * The core's error for an answer that is not 2xx. AWS's own refusals come as JSON with their names, the agent's as plain text: what is neither is not a verdict on a
 * secret. The body is looked at, never quoted.
 */
export function errorOf(response: HttpResponse, tried: string): SecretError {
  const { status } = response;
  const name = awsNameOf(response);
  if (name !== undefined) return toSecretError({ name, $metadata: { httpStatusCode: status } }, tried, KIND);
  const { details } = failedAnswer(response, tried, KIND);
  const answered = `${tried} was answered with HTTP ${status} by what listens there.`;
  switch (status) {
    case 401:
    case 403:
      return new SecretAuthenticationError(answered, {
        ...details,
        advice:
          'Give the token that the agent was started with: `tokenFile`, AWS_TOKEN, or Lambda’s AWS_SESSION_TOKEN.',
      });
    case 404:
    case 405:
      return new SecretConfigurationError(answered, {
        ...details,
        advice:
          'Check `port`. Parameters are read only through Lambda’s extension; the Secrets Manager Agent has none.',
      });
    case 429:
      return throttledAnswer(response, { answered, details });
    default:
      return new SecretSourceUnavailableError(answered, { ...details, effect: 'none' });
  }
}

/** AWS's name of the error, perhaps with a namespace before it. */
function awsNameOf(response: HttpResponse): string | undefined {
  try {
    const { __type: type } = response.json() as { readonly __type?: unknown };
    return typeof type === 'string' && /^[\w.#]+$/.test(type) ? type.replace(/^.*#/, '') : undefined;
  } catch {
    return undefined;
  }
}
