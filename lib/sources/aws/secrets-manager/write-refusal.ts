import type { DescribeSecretResponse } from '@aws-sdk/client-secrets-manager';
import type { SecretError } from '../../../core/errors/index.js';
import { SecretNotFoundError, SecretSourceReadOnlyError } from '../../../core/errors/index.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { awsNameOf } from '../shared/aws.errors.js';
import { KIND, type SecretsManagerApi } from './secrets-manager.client.js';

/** Why a write was refused, where AWS's metadata of the secret tell: AWS has one code for all of it, and its message is not looked at. */
export async function writeRefusal(
  api: SecretsManagerApi,
  id: string,
  error: unknown,
  context: ReadContext,
): Promise<unknown> {
  if (awsNameOf(error) !== 'InvalidRequestException') return error;
  try {
    return refusalOf(await api.describe(id, context), error as SecretError) ?? error;
  } catch {
    return error; // who may write it need not have the right to describe it
  }
}

function refusalOf(
  { DeletedDate, OwningService, PrimaryRegion, ARN = '' }: DescribeSecretResponse,
  { reason, cause }: SecretError,
): SecretError | undefined {
  const details = (advice: string) => ({ sourceKind: KIND, cause, advice });
  if (DeletedDate) {
    const restore = details('RestoreSecret brings it back, until its recovery window is over.');
    return new SecretNotFoundError(`${reason.replace(/\.$/, '')}: the secret is marked for deletion.`, restore);
  }
  if (OwningService) {
    const there = details('Change it there: what is written past it would not be what the service knows.');
    return new SecretSourceReadOnlyError(`the secret is managed by the service "${OwningService}".`, there);
  }
  const [, , , region] = ARN.split(':');
  if (!PrimaryRegion || !region || PrimaryRegion === region) return undefined;
  const primary = details(`Write it in ${PrimaryRegion}: AWS copies it from there.`);
  return new SecretSourceReadOnlyError(`the secret in ${region} is a replica of that in ${PrimaryRegion}.`, primary);
}
