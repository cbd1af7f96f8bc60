import type { ParameterMetadata, PutParameterRequest } from '@aws-sdk/client-ssm';
import { SecretConfigurationError } from '../../../core/errors/index.js';
import type { SecretValue } from '../../../core/secret/secret-value.js';
import { isBytes } from '../../../core/secret/secret-value.js';
import type { ReadContext, WriteContext } from '../../../core/source/secret-source.js';
import { KIND, type ParameterStoreApi } from './parameter-store.client.js';
import { isArn } from '../shared/names.js';
import { notThere } from '../shared/not-there.js';

/**
 * A new version of a parameter, with the type, tier, key, policies, pattern and description that it has; `PutParameter` by itself would reset some of them.
 * One that is missing is refused, or created as a SecureString, the type that shows its value to the fewest. Who may create it where it is missing counts on
 * that type: for them one that is there in clear text is refused.
 */
export async function writeParameter(
  api: ParameterStoreApi,
  id: string,
  value: SecretValue,
  context: WriteContext,
  createsMissing = false,
): Promise<void> {
  const known = await metadataOf(api, id, context);
  if (!known && (!createsMissing || isArn(id))) throw notThere(undefined, KIND);
  if (context.create && known && known.Type !== 'SecureString') {
    throw new SecretConfigurationError(`the parameter is there as a ${known.Type}, in clear text.`, {
      sourceKind: KIND,
      advice: 'Make it a SecureString first, or write it as it is by client.update or "set" without --create.',
    });
  }
  await api.put(
    {
      Name: known?.Name ?? id,
      Value: asText(value, known?.Type),
      Overwrite: known !== undefined,
      Type: known?.Type ?? 'SecureString',
      ...(known && kept(known)),
    },
    context,
  );
}

function kept({
  Description,
  KeyId,
  AllowedPattern,
  Tier,
  Policies,
  DataType,
  Type,
}: ParameterMetadata): Partial<PutParameterRequest> {
  const policies = (Policies ?? []).flatMap(({ PolicyText }) => PolicyText ?? []);
  return {
    ...(Description && { Description }),
    ...(KeyId && Type === 'SecureString' && { KeyId }),
    ...(AllowedPattern && { AllowedPattern }),
    ...(Tier && { Tier }),
    ...(policies.length > 0 && { Policies: `[${policies.join(',')}]` }),
    ...(DataType && { DataType }),
  };
}

async function metadataOf(
  api: ParameterStoreApi,
  id: string,
  context: ReadContext,
): Promise<ParameterMetadata | undefined> {
  // The filter knows only names: `parameter/app/db` of an ARN is `/app/db`, and `parameter/KEY` is `KEY`.
  const [, rest] = /^arn:[^/]+:parameter\/(.+)$/.exec(id) ?? [];
  const name = rest === undefined ? id : rest.includes('/') ? `/${rest}` : rest;
  for await (const { page } of api.described({ Key: 'Name', Option: 'Equals', Values: [name] }, context)) {
    const found = page.find(({ Name }) => Name === name);
    if (found) return found;
  }
  return undefined;
}

function asText(value: SecretValue, type: string | undefined): string {
  if (isBytes(value)) {
    throw new SecretConfigurationError('Parameter Store holds only strings, no bytes.', {
      sourceKind: KIND,
      advice: 'Store them as text, e.g. in Base64.',
    });
  }
  if (typeof value === 'string') return value;
  if (type !== 'StringList' || !Array.isArray(value)) return JSON.stringify(value);
  const texts = value.filter((item) => typeof item === 'string' && !item.includes(','));
  if (texts.length === value.length) return texts.map(String).join(',');
  throw new SecretConfigurationError('a StringList holds texts without commas.', { sourceKind: KIND });
}
