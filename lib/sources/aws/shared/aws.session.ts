import type { SecretError } from '../../../core/errors/index.js';
import {
  SecretAuthenticationError,
  SecretConfigurationError,
  SecretSourceUnavailableError,
} from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { unlessAborted } from '../../../core/source/unless-aborted.js';
import type { AssumeRoleOptions, AwsCredentials, AwsCredentialsProvider, AwsSdkClient } from './aws.options.js';
import type { AwsSettings } from './aws.settings.js';
import { isExpired, toSecretError, wasCut } from './aws.errors.js';
import { instanceRegion } from './instance-region.js';
import type { RequestGuard } from './request-guard.js';
import { optionalPackage } from './optional-package.js';
import { RoleCredentials } from './role.credentials.js';

const USER_AGENT = 'nestjs-hcp-vault';
const PROVIDERS = '@aws-sdk/credential-providers';
const ENDPOINT = 'the endpoint (`endpoint`, AWS_ENDPOINT_URL…, or `endpoint_url` of the profile)';
const STS_ENDPOINT =
  'the endpoint of STS (`assumeRole.endpoint`, AWS_ENDPOINT_URL_STS, or `endpoint_url` of the profile)';

/** Looking for credentials and a region heeds no signal. */
const stopped = (): SecretSourceUnavailableError => new SecretSourceUnavailableError('the request was aborted.');

/** What a client of ours is made from. */
export interface AwsClientConfig {
  region?: string;
  endpoint?: string;
  credentials?: AwsCredentials | AwsCredentialsProvider;
  maxAttempts?: number;
  customUserAgent?: string;
}

/** What differs from store to store: its SDK. */
export interface AwsService<M, C> {
  readonly sourceKind: string;
  /** The SDK's package, for the error that tells what to install. */
  readonly package: string;
  load(): Promise<M>;
  create(sdk: M, config: AwsClientConfig): C;
}

/** The parts of an SDK client's configuration that are looked at. */
interface ResolvedConfig {
  region?: () => Promise<string>;
  credentials?: (options?: { forceRefresh?: boolean }) => Promise<AwsCredentials>;
  requestHandler?: unknown;
}

interface Opened<M, C> {
  readonly sdk: M;
  readonly client: C;
  readonly role?: RoleCredentials | undefined;
}

/** The way to one service of AWS: loads its SDK, makes the client, and sees to credentials that expire. */
export class AwsSession<M, C extends AwsSdkClient> {
  readonly #service: AwsService<M, C>;
  readonly #settings: AwsSettings;
  readonly #given: C | undefined;
  readonly #guard: RequestGuard;
  #sdk: Promise<M> | undefined;
  #opened: Promise<Opened<M, C>> | undefined;
  #renewing: Promise<void> | undefined;
  #resolvedRegion: string | undefined;
  #renewals = 0;

  /** Begins to load the SDK; what fails is told by the first call. */
  constructor(service: AwsService<M, C>, settings: AwsSettings, given: C | undefined) {
    this.#service = service;
    this.#settings = settings;
    this.#given = given;
    this.#guard = settings.guard(given ? 'the endpoint of `client`' : ENDPOINT, given === undefined);
    this.#load().catch(() => undefined);
  }

  /** Where requests go, as far as that is known before the first: for errors. */
  get place(): string {
    const { endpoint, region = this.#resolvedRegion } = this.#settings;
    return [region ?? process.env['AWS_REGION'] ?? 'its own region', endpoint].filter(Boolean).join(', ');
  }

  /**
   * Sends one request; whatever it throws comes out as a SecretError. `tried` is the API's name of it.
   * @param repeatable harmless to send twice: done once where a kept-alive connection turned out closed.
   */
  async call<T>(
    tried: string,
    context: ReadContext,
    send: (sdk: M, client: C, options: { abortSignal: AbortSignal }) => Promise<T>,
    repeatable = true,
  ): Promise<T> {
    const { signal } = context;
    const renewals = this.#renewals;
    try {
      const opened = await unlessAborted(this.#open(), signal, stopped);
      const once = (): Promise<T> =>
        unlessAborted(send(opened.sdk, this.#guard.over(opened.client) as C, { abortSignal: signal }), signal, stopped);
      const answer = await once().catch(async (error: unknown) => {
        if (repeatable && wasCut(error)) return once();
        if (!isExpired(error)) throw error;
        await unlessAborted(this.#renewCredentials(opened, renewals), signal, stopped);
        return once();
      });
      context.progress?.();
      return answer;
    } catch (error) {
      throw toSecretError(error, tried, this.#service.sourceKind);
    }
  }

  /** Ends the client, unless it was handed in. The next call opens another. */
  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    if (opened && !this.#given) (opened.client as { destroy?(): void }).destroy?.();
  }

  #load(): Promise<M> {
    const { package: name, sourceKind } = this.#service;
    return (this.#sdk ??= optionalPackage(name, sourceKind, () => this.#service.load()).catch((error: unknown) => {
      this.#sdk = undefined;
      throw error;
    }));
  }

  #open(): Promise<Opened<M, C>> {
    return (this.#opened ??= this.#build().catch((error: unknown) => {
      this.#opened = undefined;
      throw error;
    }));
  }

  async #build(): Promise<Opened<M, C>> {
    const sdk = await this.#load();
    if (this.#given) {
      this.#resolvedRegion = await configOf(this.#given)
        .region?.()
        .catch(() => undefined);
      return { sdk, client: this.#given };
    }
    const { endpoint, credentials, assumeRole } = this.#settings;
    const region = (this.#resolvedRegion = await this.#region(sdk));
    let handler = (): unknown => undefined;
    const role = assumeRole && new RoleCredentials(await this.#assume(assumeRole, region, () => handler()));
    const own = role?.provider() ?? credentials;
    const client = this.#service.create(sdk, {
      region,
      ...(endpoint !== undefined && { endpoint }),
      ...(own !== undefined && { credentials: own }),
      // The core tries again with back-off: attempts of the SDK would multiply with it.
      maxAttempts: 1,
      customUserAgent: USER_AGENT,
    });
    handler = () => configOf(client).requestHandler;
    return { sdk, client, role };
  }

  async #region(sdk: M): Promise<string> {
    const { region } = this.#settings;
    if (region !== undefined) return region;
    const probe = this.#service.create(sdk, {});
    const found =
      (await configOf(probe)
        .region?.()
        .catch(() => undefined)) ||
      process.env['AWS_DEFAULT_REGION'] ||
      (await instanceRegion());
    (probe as { destroy?(): void }).destroy?.();
    if (found) return found;
    throw new SecretConfigurationError(
      'no AWS region is known: set the option `region`, AWS_REGION, or one in the profile.',
      {
        sourceKind: this.#service.sourceKind,
      },
    );
  }

  async #assume(options: AssumeRoleOptions, region: string, handler: () => unknown): Promise<AwsCredentialsProvider> {
    const { sourceKind } = this.#service;
    const { fromTemporaryCredentials } = await optionalPackage(
      PROVIDERS,
      sourceKind,
      () => import('@aws-sdk/credential-providers'),
    );
    const { stsEndpoint, credentials } = this.#settings;
    const { roleArn, sessionName = USER_AGENT, externalId } = options;
    const guard = this.#settings.guard(STS_ENDPOINT);
    let refusal: SecretError | undefined;
    let provider: AwsCredentialsProvider | undefined;
    return async () => {
      // Its own region and endpoint: left out, it would ask the real STS. The store's connections serve it too, and end with them.
      provider ??= fromTemporaryCredentials({
        params: {
          RoleArn: roleArn,
          RoleSessionName: sessionName,
          ...(externalId !== undefined && { ExternalId: externalId }),
        },
        ...(credentials !== undefined && { masterCredentials: credentials as never }),
        clientPlugins: [guard.plugin((error) => (refusal = error)) as never],
        clientConfig: {
          region,
          maxAttempts: 1,
          requestHandler: handler() as never,
          ...(stsEndpoint !== undefined && { endpoint: stsEndpoint }),
        },
      }) as AwsCredentialsProvider;
      refusal = undefined;
      try {
        return await provider();
      } catch (thrown) {
        const error = toSecretError(refusal ?? thrown, 'AssumeRole', sourceKind);
        if (error.code !== 'SECRET_ACCESS_DENIED') throw error;
        const advice = 'Check that the role’s trust policy names who the app runs as, and that it may sts:AssumeRole.';
        throw new SecretAuthenticationError(error.reason, { sourceKind, advice, cause: error.cause });
      }
    };
  }

  /** Once for all calls whose credentials were refused at the same time. */
  async #renewCredentials({ role, client }: Opened<M, C>, renewals: number): Promise<void> {
    if (renewals !== this.#renewals) return; // somebody has since
    this.#renewing ??= (async () => {
      if (role) role.drop();
      else await configOf(client).credentials?.({ forceRefresh: true });
      this.#renewals += 1;
    })().finally(() => (this.#renewing = undefined));
    await this.#renewing;
  }

  static {
    hideInOutput(AwsSession.prototype, (self) =>
      #service in self ? `[secrets ${self.#service.sourceKind}]` : '[secrets]',
    );
  }
}

const configOf = (client: object): ResolvedConfig => (client as { config?: ResolvedConfig }).config ?? {};
