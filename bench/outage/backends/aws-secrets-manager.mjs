import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { access, startAws } from './aws-server.mjs';

export const title = 'AWS Secrets Manager';
/** Names that one request asks for. */
export const together = 20;
/** Names in one page of a listing. */
export const page = 100;

/** @param values of the secrets, a Map that the cases change. */
export async function start({ faults, values, load }) {
  const { awsSecretsManager } = await load('sources/aws/index.js');
  const valueOf = (Name) => ({
    ARN: `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${Name}-Ab12Cd`,
    Name,
    VersionId: `version-of-${values.get(Name)}`,
    SecretString: values.get(Name),
  });
  const missing = { error: 'ResourceNotFoundException' };
  const namesOf = ({ SecretIdList, SecretId }) => SecretIdList ?? (SecretId ? [SecretId] : []);
  const answerTo = (operation, input) => {
    if (operation === 'BatchGetSecretValue') {
      const [there, gone] = [true, false].map((is) => input.SecretIdList.filter((id) => values.has(id) === is));
      return { SecretValues: there.map(valueOf), Errors: gone.map((SecretId) => ({ SecretId, ErrorCode: missing.error })) };
    }
    if (operation === 'ListSecrets') {
      const from = Number(input.NextToken ?? 0);
      const names = [...values.keys()].slice(from, from + page);
      const NextToken = from + page < values.size ? String(from + page) : undefined;
      return { SecretList: names.map((Name) => ({ Name })), NextToken };
    }
    if (!values.has(input.SecretId)) return missing;
    if (operation === 'PutSecretValue') values.set(input.SecretId, input.SecretString);
    return valueOf(input.SecretId);
  }; // prettier-ignore
  const server = await startAws(faults, namesOf, answerTo);
  const sdk = new SecretsManagerClient({ ...access, endpoint: server.endpoint });
  return {
    source: (options = {}) => awsSecretsManager({ ...access, endpoint: server.endpoint, ...options }),
    /** The SDK alone, for a listing of all. */
    async listByHand() {
      let NextToken;
      do ({ NextToken } = await sdk.send(new ListSecretsCommand({ MaxResults: 100, NextToken })));
      while (NextToken);
    },
    stop() {
      sdk.destroy();
      server.stop();
    },
  };
}
