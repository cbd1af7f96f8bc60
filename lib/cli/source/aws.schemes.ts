import { awsParameterStore, awsSecretsManager } from 'nestjs-hcp-vault/aws';
import { PARAMETER_STORE, SECRETS_MANAGER } from './parameters.js';
import type { OpenSource } from './source-scheme.js';
import { mayBeAbsent } from './source-scheme.js';
import type { SourceSpec } from './source-spec.js';

/** `aws-sm:PREFIX` */
export const openSecretsManager: OpenSource = (spec, _environment, use) => {
  const given = spec.parameters(SECRETS_MANAGER);
  const { roleArn, sessionName, externalId, ...options } = given;
  return awsSecretsManager({
    ...options,
    ...mayBeAbsent(options.optional, options.document, use),
    ...roleOf(spec, { roleArn, sessionName, externalId }),
    ...(spec.place !== '' && { prefix: spec.place }),
  });
};

/** `aws-ssm:PATH` */
export const openParameterStore: OpenSource = (spec, _environment, use) => {
  const given = spec.parameters(PARAMETER_STORE);
  const { roleArn, sessionName, externalId, ...options } = given;
  return awsParameterStore({
    ...options,
    ...mayBeAbsent(options.optional, options.document, use),
    ...roleOf(spec, { roleArn, sessionName, externalId }),
    ...(spec.place !== '' && { path: spec.place }),
  });
};

interface Role {
  readonly roleArn?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly externalId?: string | undefined;
}

function roleOf(spec: SourceSpec, { roleArn, ...session }: Role) {
  if (roleArn !== undefined) return { assumeRole: { roleArn, ...session } };
  if (Object.values(session).some((value) => value !== undefined)) throw spec.error('needs roleArn=… as well.');
  return {};
}
