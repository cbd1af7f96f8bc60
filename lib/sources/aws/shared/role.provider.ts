import type { SecretError } from '../../../core/errors/index.js';
import { SecretAuthenticationError } from '../../../core/errors/index.js';
import { toMilliseconds } from '../../../core/duration.js';
import { loadedPackage } from '../../../core/loaded-package.js';
import { areOver, toSecretError } from './aws.errors.js';
import type { AssumeRoleOptions, AwsCredentialsProvider } from './aws.options.js';
import type { AwsSettings } from './aws.settings.js';
import type { DefaultCredentials } from './default.credentials.js';

export const USER_AGENT = 'nestjs-hcp-vault';
const PROVIDERS = '@aws-sdk/credential-providers';
const STS_ENDPOINT =
  'the endpoint of STS (`assumeRole.endpoint`, AWS_ENDPOINT_URL_STS, or `endpoint_url` of the profile)';

export interface RoleProviderOptions {
  readonly settings: AwsSettings;
  readonly sourceKind: string;
  readonly region: string;
  /** Who assumes the role, where the app gives no credentials. */
  readonly base: DefaultCredentials | undefined;
  /** The connections of the store's client. */
  readonly handler: () => unknown;
}

/** Assumes a role at each call. Rejects where the package for it is not installed. */
export async function roleProvider(
  options: AssumeRoleOptions,
  about: RoleProviderOptions,
): Promise<AwsCredentialsProvider> {
  const { settings, sourceKind, region, base, handler } = about;
  const { fromTemporaryCredentials } = await loadedPackage(
    PROVIDERS,
    sourceKind,
    () => import('@aws-sdk/credential-providers'),
  );
  const { stsEndpoint, credentials } = settings;
  const { roleArn, sessionName = USER_AGENT, externalId, duration, tags } = options;
  const guard = settings.guard(STS_ENDPOINT);
  let refusal: SecretError | undefined;
  let provider: AwsCredentialsProvider | undefined;
  return async () => {
    // Its own region and endpoint: left out, it would ask the real STS. The store's connections serve it too, and end with them.
    provider ??= fromTemporaryCredentials({
      params: {
        RoleArn: roleArn,
        RoleSessionName: sessionName,
        ...(externalId !== undefined && { ExternalId: externalId }),
        ...(duration !== undefined && {
          DurationSeconds: Math.round(toMilliseconds(duration, 'assumeRole.duration') / 1000),
        }),
        ...(tags && { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }),
      },
      masterCredentials: (credentials ?? base?.provider()) as never,
      clientPlugins: [guard.plugin((error) => (refusal = error)) as never],
      clientConfig: {
        region,
        requestHandler: handler() as never,
        ...(stsEndpoint !== undefined && { endpoint: stsEndpoint }),
      },
    }) as AwsCredentialsProvider;
    refusal = undefined;
    try {
      return await provider().catch((error: unknown) => {
        if (!base || !areOver(error)) throw error;
        base.drop(); // whoever assumes the role may have other credentials by now
        return provider!();
      });
    } catch (thrown) {
      const error = toSecretError(refusal ?? thrown, 'AssumeRole', sourceKind);
      if (error.code !== 'SECRET_ACCESS_DENIED') throw error;
      const advice = 'Check that the role’s trust policy names who the app runs as, and that it may sts:AssumeRole.';
      throw new SecretAuthenticationError(error.reason, { sourceKind, advice, cause: error.cause });
    }
  };
}
