import type { Agent } from 'node:https';
import { SecretConfigurationError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { loadedPackage } from '../../../core/loaded-package.js';
import { hideInOutput } from '../../../core/redaction.js';
import { Pace } from '../../../core/source/pace.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { unlessAborted } from '../../../core/source/unless-aborted.js';
import type { AwsCredentials, AwsCredentialsProvider, AwsSdkClient } from './aws.options.js';
import type { AwsSettings } from './aws.settings.js';
import { areOver, toSecretError } from './aws.errors.js';
import type { CredentialChain } from './default.credentials.js';
import { DefaultCredentials } from './default.credentials.js';
import { instanceRegion } from './instance-region.js';
import { proxyAgent } from './proxy-agent.js';
import type { RequestGuard } from './request-guard.js';
import { RequestAttempts } from './request-attempts.js';
import type { RoleCredentials } from './role.credentials.js';
import { roleCredentials, USER_AGENT } from './role.provider.js';

/** Attempts under way at a time: twice the SDK's sockets, so that the next one is signed when a socket comes free; it warns of three times as many. */
export const MOST_ATTEMPTS = 100;
const ENDPOINT = 'the endpoint (`endpoint`, AWS_ENDPOINT_URL…, or `endpoint_url` of the profile)';

/** What a client of ours is made from. */
export interface AwsClientConfig {
  region?: string;
  endpoint?: string;
  credentials?: AwsCredentials | AwsCredentialsProvider;
  useFipsEndpoint?: boolean;
  useDualstackEndpoint?: boolean;
  requestHandler?: { httpsAgent: Agent };
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
  credentialDefaultProvider?: CredentialChain;
  credentials?: (options?: { forceRefresh?: boolean }) => Promise<AwsCredentials>;
  requestHandler?: unknown;
}

interface Opened<M, C> {
  readonly sdk: M;
  readonly client: C;
  /** Those that can be asked for again by us. */
  readonly credentials?: RoleCredentials | DefaultCredentials | undefined;
}

/** The way to one service of AWS: loads its SDK, makes the client, and sees to credentials that expire. */
export class AwsSession<M, C extends AwsSdkClient> {
  readonly #service: AwsService<M, C>;
  readonly #settings: AwsSettings;
  readonly #given: C | undefined;
  readonly #guard: RequestGuard;
  readonly #pace = new Pace({ most: MOST_ATTEMPTS });
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
    return [region ?? process.env['AWS_REGION'] ?? process.env['AWS_DEFAULT_REGION'] ?? 'its own region', endpoint]
      .filter(Boolean)
      .join(', ');
  }

  /**
   * Sends one request, in as many attempts as the SDK makes (three, or as AWS_MAX_ATTEMPTS and AWS_RETRY_MODE say); whatever it throws comes out as a
   * SecretError. `tried` is the API's name of it.
   * @param isRepeatable harmless to send twice; else it is sent again only where AWS asked for fewer requests.
   */
  async call<T>(
    tried: string,
    context: ReadContext,
    send: (sdk: M, client: C, options: RequestAttempts['sending']) => Promise<T>,
    isRepeatable = true,
  ): Promise<T> {
    const { sourceKind } = this.#service;
    const attempts = new RequestAttempts({
      context,
      pace: this.#pace,
      tried,
      sourceKind,
      isRepeatable,
      isOwn: this.#given === undefined,
    });
    const renewals = this.#renewals;
    const answered = async (): Promise<T> => {
      const opened = await this.#open();
      const client = this.#guard.over(opened.client, attempts) as C;
      const once = (): Promise<T> => send(opened.sdk, client, attempts.sending);
      try {
        return await once();
      } catch (error) {
        if (!areOver(error)) throw error;
        await this.#renewCredentials(opened, renewals);
        return once();
      }
    };
    const leave = (): SecretSourceUnavailableError => {
      attempts.stop();
      return new SecretSourceUnavailableError('the request was aborted.');
    };
    try {
      // Looking for credentials and a region heeds no signal.
      const answer = await unlessAborted(answered(), context.signal, leave);
      context.progress?.();
      return answer;
    } catch (error) {
      throw toSecretError(error, tried, sourceKind, attempts.count);
    } finally {
      attempts.end();
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
    return (this.#sdk ??= loadedPackage(name, sourceKind, () => this.#service.load()).catch((error: unknown) => {
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
    const { endpoint, credentials, assumeRole, variants } = this.#settings;
    const region = (this.#resolvedRegion = await this.#region(sdk));
    let handler = (): unknown => undefined;
    const base = credentials === undefined ? new DefaultCredentials() : undefined;
    const about = { settings: this.#settings, sourceKind: this.#service.sourceKind, region, handler: () => handler() };
    const role = assumeRole && (await roleCredentials(assumeRole, credentials ?? base!, about));
    const httpsAgent = proxyAgent(this.#service.sourceKind);
    const client = this.#service.create(sdk, {
      region,
      ...(endpoint !== undefined && { endpoint }),
      ...variants,
      credentials: role?.provider() ?? credentials ?? base!.provider(),
      ...(httpsAgent && { requestHandler: { httpsAgent } }),
      customUserAgent: USER_AGENT,
    });
    const config = configOf(client);
    base?.open(config.credentialDefaultProvider, config);
    handler = () => config.requestHandler;
    return { sdk, client, credentials: role ?? base };
  }

  async #region(sdk: M): Promise<string> {
    const { region } = this.#settings;
    const configured = region ?? (process.env['AWS_REGION'] || process.env['AWS_DEFAULT_REGION']);
    if (configured) return configured;
    const probe = this.#service.create(sdk, {});
    const found =
      (await configOf(probe)
        .region?.()
        .catch(() => undefined)) || (await instanceRegion(this.#service.sourceKind));
    (probe as { destroy?(): void }).destroy?.();
    if (found) return found;
    throw new SecretConfigurationError(
      'no AWS region is known: set the option `region`, AWS_REGION, or one in the profile.',
      {
        sourceKind: this.#service.sourceKind,
      },
    );
  }

  /** Once for all calls whose credentials were refused at the same time. */
  async #renewCredentials({ credentials, client }: Opened<M, C>, renewals: number): Promise<void> {
    if (renewals !== this.#renewals) return; // somebody has since
    this.#renewing ??= (async () => {
      if (credentials) credentials.drop();
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
