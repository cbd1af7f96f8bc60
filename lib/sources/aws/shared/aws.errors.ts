import type { SecretError } from '../../../core/errors/index.js';
import {
  foreignCause,
  isSecretError,
  SecretAccessDeniedError,
  SecretAuthenticationError,
  SecretConfigurationError,
  SecretNotFoundError,
  SecretSourceUnavailableError,
  SecretThrottledError,
} from '../../../core/errors/index.js';
import { foreignAnswer, retryAfterOf } from '../../http/index.js';

type Kind = 'missing' | 'denied' | 'undecryptable' | 'credentials' | 'throttled' | 'wrong' | 'unavailable';

/** Codes of Secrets Manager, Systems Manager, SQS, SNS, STS and the SDK; matched by name, for two copies of an SDK have two classes. */
const KINDS: Readonly<Record<string, Kind>> = Object.fromEntries(
  Object.entries({
    // InvalidRequestException on a reading: marked for deletion, or no such stage.
    missing:
      'ResourceNotFoundException ParameterNotFound ParameterVersionNotFound ParameterVersionLabelNotFound InvalidRequestException ' +
      'QueueDoesNotExist AWS.SimpleQueueService.NonExistentQueue',
    denied:
      'AccessDeniedException AccessDenied UnauthorizedOperation NotAuthorized AuthorizationErrorException AuthorizationError',
    undecryptable:
      'DecryptionFailure EncryptionFailure InvalidKeyId KMSAccessDeniedException KmsAccessDenied KmsDisabled KmsNotFound KmsInvalidState',
    credentials:
      'ExpiredTokenException ExpiredToken RequestExpired UnrecognizedClientException InvalidClientTokenId InvalidAccessKeyId ' +
      'InvalidSignatureException SignatureDoesNotMatch IncompleteSignature MissingAuthenticationToken MissingAuthenticationTokenException ' +
      'AuthFailure OptInRequired CredentialsProviderError TokenProviderError InvalidIdentityToken IDPRejectedClaim',
    throttled:
      'ThrottlingException Throttling ThrottledException TooManyRequestsException RequestLimitExceeded RequestThrottled ' +
      'RequestThrottledException BandwidthLimitExceeded SlowDown PriorRequestNotComplete TooManyUpdates LimitExceededException',
    wrong:
      'InvalidParameterException ValidationException InvalidFilterKey InvalidFilterOption InvalidFilterValue ParameterPatternMismatchException ' +
      'PolicyViolation ParameterAlreadyExists ParameterMaxVersionLimitExceeded MalformedPolicyDocumentException PreconditionNotMetException',
  }).flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind as Kind])),
);

/** AWS knows the key no more, or never did: what gave it may have another by now. */
const OVER =
  /^(?:ExpiredToken(?:Exception)?|RequestExpired|UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId)$/;

/** What the AWS SDK throws, as far as it is looked at. The message is not: it may quote what was sent. */
interface AwsFailure {
  readonly $metadata?: { readonly httpStatusCode?: unknown };
  readonly $response?: { readonly headers?: Readonly<Record<string, string | undefined>> };
}

const nameOf = (error: unknown): string => foreignCause(error)?.name ?? 'Error';

/** AWS's own name of what an error of ours came of. */
export const awsNameOf = (error: unknown): string | undefined =>
  isSecretError(error) ? (error.cause as { readonly name?: string } | undefined)?.name : undefined;

/** True where new credentials may help. */
export const areOver = (error: unknown): boolean => OVER.test(nameOf(error));

/** True where a batch, or a look at metadata, is not permitted, so that a plainer call may be. */
export const isDenied = (error: unknown): boolean => isSecretError(error) && error.code === 'SECRET_ACCESS_DENIED';

/** True where waiting does not heal it: AWS takes no such name, version or value. */
export const isWrong = (error: unknown): boolean => isSecretError(error) && error.code === 'SECRET_CONFIGURATION';

export const isMissing = (error: unknown): boolean => isSecretError(error) && error.code === 'SECRET_NOT_FOUND';

/** The core's error for whatever the SDK threw. `tried` names the call, e.g. `GetSecretValue`. @param attempts so far. */
export function toSecretError(error: unknown, tried: string, sourceKind: string, attempts = 1): SecretError {
  if (isSecretError(error)) return error;
  const { $metadata, $response } = (typeof error === 'object' && error !== null ? error : {}) as AwsFailure;
  const status = typeof $metadata?.httpStatusCode === 'number' ? $metadata.httpStatusCode : undefined;
  const name = nameOf(error);
  const { code } = foreignCause(error) ?? {};
  const cause = { name, code, status };
  const headers = $response?.headers;
  const retryAfter = retryAfterOf(headers?.['retry-after'], headers?.['date']);
  const after = attempts > 1 ? ` after ${attempts} attempts` : '';
  const details = { sourceKind, cause, retryAfter };
  if (isForeignVerdict(status, name)) {
    return foreignAnswer({ answered: `${tried} was answered with HTTP ${status}${after}.`, details });
  }
  const reason = `${tried} failed${after}: ${name}${code ? ` (${code})` : ''}.`;
  return named(KINDS[name] ?? kindOfStatus(status), reason, details);
}

/** The core's error for a code inside an answer, such as one of a batch's `Errors`. */
export function errorOfCode(code: string | undefined, tried: string, sourceKind: string): SecretError {
  return toSecretError({ name: code ?? 'UnknownError' }, tried, sourceKind);
}

/** What the SDK calls an answer that it could not read as one of AWS's: a page of a gateway, which is not a verdict. */
const UNREAD = /^(?:Error|SyntaxError|TypeError|Unknown|UnknownError|\w+ServiceException)$/;

/** True for what would be AWS's verdict, and is somebody else's. */
const isForeignVerdict = (status: number | undefined, name: string): boolean =>
  status !== undefined && [400, 401, 403, 404].includes(status) && UNREAD.test(name);

function kindOfStatus(status: number | undefined): Kind {
  if (status === 429) return 'throttled';
  if (status === 403) return 'denied';
  if (status === 401) return 'credentials';
  return 'unavailable';
}

function named(
  kind: Kind,
  reason: string,
  details: { sourceKind: string; cause: object; retryAfter: number | undefined },
): SecretError {
  switch (kind) {
    case 'missing':
      return new SecretNotFoundError(reason, details);
    case 'denied':
      return new SecretAccessDeniedError(reason, {
        ...details,
        advice:
          'Permit the action in the IAM policy of the role or user that the app runs as, and in the secret’s own policy.',
      });
    case 'undecryptable':
      return new SecretAccessDeniedError(reason, {
        ...details,
        advice: 'Permit kms:Decrypt (to write: kms:GenerateDataKey) on its KMS key, and check that the key is enabled.',
      });
    case 'credentials':
      return new SecretAuthenticationError(reason, {
        ...details,
        advice: 'Check the AWS credentials, the profile or role they come from, and the machine’s clock.',
      });
    case 'throttled':
      return new SecretThrottledError(reason, details);
    case 'wrong':
      return new SecretConfigurationError(reason, {
        ...details,
        advice: 'Waiting does not heal it: check the name, the version and the value.',
      });
    case 'unavailable':
      return new SecretSourceUnavailableError(reason, details);
  }
}
