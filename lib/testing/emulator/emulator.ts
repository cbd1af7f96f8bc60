import type { Duration } from '../../core/duration.js';
import { toMilliseconds } from '../../core/duration.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { OptionKinds } from '../../core/options/option-kinds.js';
import { groupOrBoolean, needed } from '../../core/options/option-kinds.js';
import { ownOptions } from '../../core/options/own-options.js';
import { hideInOutput } from '../../core/redaction.js';
import type { EmulatedSecret, NamedValues } from './emulated-secret.js';
import type { HcpEnvironment } from './emulator.environment.js';
import { environmentOf } from './emulator.environment.js';
import type { EmulatorFault } from './emulator.faults.js';
import { EmulatorFaults, FAULT_OPTIONS } from './emulator.faults.js';
import type { EmulatedRequest } from './emulator.journal.js';
import { EmulatorJournal } from './emulator.journal.js';
import { answerTo } from './emulator.router.js';
import type { CompleteSeed, SecretSpec, Seed } from './emulator.seed.js';
import { checkName, completeSeed, toSpec, toValues } from './emulator.seed.js';
import { EmulatorServer } from './emulator.server.js';
import { EmulatorState } from './emulator.state.js';
import type { EmulatorKeyPair } from './emulator.tls.js';
import { keyPairFor } from './emulator.tls.js';
import { EmulatorTokens } from './emulator.tokens.js';

export interface EmulatorOptions {
  /** @default 0, a free one */
  readonly port?: number | undefined;
  /** https for API and token endpoint: self-signed by the optional peer `selfsigned`, or with a key and certificate (PEM). @default false */
  readonly tls?: boolean | EmulatorKeyPair | undefined;
  /** Wall clock in milliseconds: what tokens and dynamic secrets expire by, and all times shown. @default Date.now */
  readonly now?: (() => number) | undefined;
  /** How long an access token is good for. @default '1h' */
  readonly tokenLifetime?: Duration | undefined;
  /** Items of a page where the client asks for no number; at most 100 are given for any number. @default 50 */
  readonly pageSize?: number | undefined;
  /** Versions that a secret may have. @default 100 */
  readonly maxVersions?: number | undefined;
}

export const EMULATOR_OPTIONS: OptionKinds<EmulatorOptions> = {
  port: 'number',
  tls: groupOrBoolean<EmulatorKeyPair>({ key: needed('text'), cert: needed('text') }),
  now: 'function',
  tokenLifetime: 'duration',
  pageSize: 'number',
  maxVersions: 'number',
};

const MAX_PAGE = 100;

/**
 * HCP Vault Secrets, API version 2023-11-28, with its OAuth endpoint, over real HTTP on a loopback port: for tests, and for trying things out.
 *
 * - `secrets:open` without a `types` filter opens dynamic secrets too, as the service did. Each opening gives the seed's values with `-n`
 *   appended, n counting the openings of that secret: `AKIA-1`, `AKIA-2`, …
 * - `setSecret` and `rotate` drop the oldest version where the API would refuse one more. Nothing rotates by itself.
 *
 * **Verified** against the published Go SDK (hashicorp/hcp-sdk-go), and what it was seen to send to another small server: paths and methods,
 * member names, int64 as JSON numbers, `google.rpc.Status` errors, credentials as HTTP Basic and in the form, the `audience`, repeated `types`,
 * `conflicts` (FAIL, UPDATE) in `secret/kv:batch`, and 429 with code 8 and its text for too many versions. The SDK itself (v0.175.0, by hand, with TLS) logged in, opened in bulk, one and
 * one version, and listed secrets and versions here; a missing secret was its 404.
 *
 * **Not verified**, as the service is gone: the form of page tokens, and the default and greatest size of pages; the texts of all other errors; the
 * number of versions that the limit allows; that an organization or project of others is a 403; the token endpoint's answers to a wrong audience
 * or grant type; that FAIL is the default of `conflicts`; what writing a `kv` secret over one of another type, rotating one that does not rotate, and opening versions of a dynamic one
 * answer; whether `name_contains` minds the case (here it does) and an app with secrets may be deleted (here it may); which optional members
 * (`provider`, `sync_status`, `created_by_id`, `revoked_at`) were filled, and how. Creating rotating and dynamic secrets, integrations,
 * syncs and gateways are left out: seed the secrets, or call `setSecret`.
 */
export class HcpVaultSecretsEmulator {
  /** The PEM certificate that a client has to trust, where TLS is on. */
  readonly certificate: string | undefined;
  readonly #seed: CompleteSeed;
  readonly #state: EmulatorState;
  readonly #tokens: EmulatorTokens;
  readonly #faults: EmulatorFaults;
  readonly #journal: EmulatorJournal;
  readonly #server: EmulatorServer;

  private constructor(parts: EmulatorParts) {
    this.certificate = parts.certificate;
    this.#seed = parts.seed;
    this.#state = parts.state;
    this.#tokens = parts.tokens;
    this.#faults = parts.faults;
    this.#journal = parts.journal;
    this.#server = parts.server;
  }

  /** Starts one with the seed's apps (none without a seed). Rejects with a SecretConfigurationError that names what is wrong, and no values. */
  static async start(seed: Seed = { apps: {} }, options?: EmulatorOptions): Promise<HcpVaultSecretsEmulator> {
    const {
      port = 0,
      tls = false,
      now = () => Date.now(),
      tokenLifetime = '1h',
      pageSize = 50,
      maxVersions = 100,
    } = ownOptions(options, EMULATOR_OPTIONS, 'HcpVaultSecretsEmulator.start');
    checkWhole(port, 'port', 0, 65_535);
    checkWhole(pageSize, 'pageSize', 1, MAX_PAGE);
    checkWhole(maxVersions, 'maxVersions', 1, Number.MAX_SAFE_INTEGER);
    const complete = completeSeed(seed);
    const state = new EmulatorState(complete.apps, maxVersions, now);
    const tokens = new EmulatorTokens(complete, toMilliseconds(tokenLifetime, 'tokenLifetime'), now);
    const faults = new EmulatorFaults();
    const journal = new EmulatorJournal(now);
    const { organizationId, projectId } = complete;
    const project = { organizationId, projectId, state, pageSizes: { size: pageSize, max: MAX_PAGE } };
    const keyPair = tls === false ? undefined : await keyPairFor(tls);
    const answer = (request: Parameters<typeof answerTo>[0]) => answerTo(request, project, tokens);
    const server = await EmulatorServer.listen({ port, keyPair, faults, journal, answer });
    return new HcpVaultSecretsEmulator({
      certificate: keyPair?.cert,
      seed: complete,
      state,
      tokens,
      faults,
      journal,
      server,
    });
  }

  /** Where the API is, without a path: `http://127.0.0.1:PORT`. */
  get apiUrl(): string {
    return this.#server.url;
  }

  /** Where `/oauth2/token` is; the same server as the API. */
  get authUrl(): string {
    return this.#server.url;
  }

  /** The `HCP_*` variables that make a client reach this emulator; `HCP_APP_ID` where there is one app. */
  get environment(): HcpEnvironment {
    const apps = this.#state.apps().map(({ name }) => name);
    return environmentOf(this.#seed, apps, {
      address: this.#server.address,
      url: this.authUrl,
      tls: !!this.certificate,
    });
  }

  /** What arrived, oldest first: a live list. Beyond 100,000 requests the older half is dropped. */
  get requests(): readonly EmulatedRequest[] {
    return this.#journal.requests;
  }

  /** Adds a secret, or a version to one of the same type; a string is a static secret. An app that is missing is made. */
  setSecret(app: string, name: string, valueOrSpec: string | SecretSpec): void {
    checkName(app, 'the app');
    checkName(name, 'the secret');
    this.#state.set(app, name, toSpec(valueOrSpec, `${app}.${name}`));
  }

  /**
   * Changes a secret's value: a string for a static one, named values for the others; made up where left out.
   * Static and rotating secrets get a new version; of a dynamic one the values change that later openings give.
   */
  rotate(app: string, name: string, values?: string | Readonly<Record<string, string>>): void {
    const secret = this.#existing(app, name);
    this.#state.rotate(app, name, values === undefined ? undefined : fitting(secret, values, `${app}.${name}`));
  }

  removeSecret(app: string, name: string): void {
    this.#existing(app, name);
    this.#state.remove(app, name);
  }

  /** How often credentials of a dynamic secret were issued, whether or not the answer arrived; 0 for any other. */
  opened(app: string, name: string): number {
    return this.#state.issued(app, name);
  }

  /** Switches a failure on, beside those that are on: see EmulatorFault. */
  fail(fault?: EmulatorFault): void {
    this.#faults.add(ownOptions(fault, FAULT_OPTIONS, 'emulator.fail'));
  }

  /** Switches all failures off. Requests that hang go on hanging. */
  recover(): void {
    this.#faults.clear();
  }

  /** Every access token issued so far is refused from now on. */
  expireTokens(): void {
    this.#tokens.expireAll();
  }

  /** Ends the server and all its connections. May be called again. */
  stop(): Promise<void> {
    return this.#server.stop();
  }

  #existing(app: string, name: string): EmulatedSecret {
    const secret = this.#state.find(app, name);
    if (!secret) throw new SecretConfigurationError(`Emulator: there is no secret "${name}" in app "${app}".`);
    return secret;
  }
}

hideInOutput(HcpVaultSecretsEmulator.prototype, (emulator) => `[HcpVaultSecretsEmulator ${emulator.apiUrl}]`);

interface EmulatorParts {
  readonly certificate: string | undefined;
  readonly seed: CompleteSeed;
  readonly state: EmulatorState;
  readonly tokens: EmulatorTokens;
  readonly faults: EmulatorFaults;
  readonly journal: EmulatorJournal;
  readonly server: EmulatorServer;
}

function fitting({ type }: EmulatedSecret, values: unknown, place: string): string | NamedValues {
  if (type !== 'kv') return toValues(values, `the new value of ${place}`);
  if (typeof values === 'string') return values;
  throw new SecretConfigurationError(`Emulator: the new value of ${place} has to be a string.`);
}

function checkWhole(value: number, option: string, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new SecretConfigurationError(`Emulator: "${option}" has to be a whole number from ${min} to ${max}.`);
}
