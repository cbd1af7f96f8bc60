import type { SecretError } from '../../../core/errors/index.js';
import { SecretAuthenticationError } from '../../../core/errors/index.js';
import { toMilliseconds } from '../../../core/duration.js';
import { loadedPackage } from '../../../core/loaded-package.js';
import { areOver, toSecretError } from './aws.errors.js';
import type { AssumeRoleOptions, AwsCredentials, AwsCredentialsProvider, RoleSessionOptions } from './aws.options.js';
import type { AwsSettings } from './aws.settings.js';
import { DefaultCredentials } from './default.credentials.js';
import { RoleCredentials } from './role.credentials.js';

export const USER_AGENT = 'nestjs-hcp-vault';
const PROVIDERS = '@aws-sdk/credential-providers';
const STS_ENDPOINT =
  'the endpoint of STS (`assumeRole.endpoint`, AWS_ENDPOINT_URL_STS, or `endpoint_url` of the profile)';

export interface RoleProviderOptions {
  readonly settings: AwsSettings;
  readonly sourceKind: string;
  readonly region: string;
  /** Who assumes the role. */
  readonly from: AwsCredentials | AwsCredentialsProvider;
  /** Drops what `from` gives, where AWS calls it over: it is asked for again. */
  readonly drop?: (() => void) | undefined;
  /** The connections of the store's client. */
  readonly handler: () => unknown;
}

/** Assumes a role at each call. Rejects where the package for it is not installed. */
export async function roleProvider(
  options: RoleSessionOptions,
  about: RoleProviderOptions,
): Promise<AwsCredentialsProvider> {
  const { settings, sourceKind, region, from, drop, handler } = about;
  const { fromTemporaryCredentials } = await loadedPackage(
    PROVIDERS,
    sourceKind,
    () => import('@aws-sdk/credential-providers'),
  );
  const { stsEndpoint, variants } = settings;
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
      masterCredentials: from as never,
      clientPlugins: [guard.plugin((error) => (refusal = error)) as never],
      clientConfig: {
        region,
        requestHandler: handler() as never,
        ...variants,
        ...(stsEndpoint !== undefined && { endpoint: stsEndpoint }),
      },
    }) as AwsCredentialsProvider;
    refusal = undefined;
    try {
      return await provider().catch((error: unknown) => {
        if (!drop || !areOver(error)) throw error;
        drop(); // whoever assumes the role may have other credentials by now
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

/** The credentials of a role, which the app, or a role before it, assumes. @param who the app's own credentials, or the SDK's chain. */
export async function roleCredentials(
  { via, ...role }: AssumeRoleOptions,
  who: AwsCredentials | AwsCredentialsProvider | DefaultCredentials,
  about: Omit<RoleProviderOptions, 'from' | 'drop'>,
): Promise<RoleCredentials> {
  const own = who instanceof DefaultCredentials ? { from: who.provider(), drop: () => who.drop() } : { from: who };
  const first = via && new RoleCredentials(await roleProvider(via, { ...about, ...own }));
  const from = first ? { from: first.provider(), drop: () => first.drop() } : own;
  return new RoleCredentials(await roleProvider(role, { ...about, ...from }));
}
