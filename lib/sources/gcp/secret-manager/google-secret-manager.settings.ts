import { SecretConfigurationError } from '../../../core/errors/index.js';
import { ownOptions } from '../../../core/options/own-options.js';
import { nameFault } from '../../../core/secret/secret-name.js';
import type { HttpTransportOptions } from '../../http/index.js';
import { isHeaderText } from '../../http/index.js';
import type { TokenSource } from '../auth/access-tokens.js';
import type { Environment } from '../auth/credential.file.js';
import { variable } from '../auth/credential.file.js';
import type { AuthHooks } from '../auth/default.credentials.js';
import { DefaultCredentials, projectOf } from '../auth/default.credentials.js';
import { checkAuth, GivenAuth } from '../auth/given.auth.js';
import { KIND } from './google-secret-manager.errors.js';
import { isBeginning, isVersion } from './google-secret-manager.names.js';
import type { GoogleSecretManagerOptions } from './google-secret-manager.options.js';
import { GOOGLE_HINTS, GOOGLE_OPTIONS } from './google-secret-manager.options.js';

/** The options with the environment filled in: all that a client and a source need. */
export interface GoogleSecretManagerSettings {
  /** Where it is not given, the credentials are asked. */
  readonly projectId: string | undefined;
  readonly location: string | undefined;
  readonly prefix: string;
  readonly version: string;
  readonly json: boolean;
  readonly tokens: TokenSource;
  /** Who pays for the requests, in place of what the credentials say. */
  readonly quotaProject: string | undefined;
  readonly api: HttpTransportOptions;
}

/** What a test may set. */
export interface TestHooks extends AuthHooks {
  readonly environment?: Environment | undefined;
}

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const DOMAIN = /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/;

/** Options first, then the environment, then Google's own addresses. Throws SecretConfigurationError for what can't be meant. */
export function resolveSettings(
  given: GoogleSecretManagerOptions | undefined,
  { environment = process.env, ...hooks }: TestHooks,
): GoogleSecretManagerSettings {
  const details = { sourceKind: KIND };
  const options = ownOptions(given, GOOGLE_OPTIONS, 'googleSecretManager', { hints: GOOGLE_HINTS, details });
  const { auth, endpoint, location, prefix = '', version = 'latest', json = true, tls, allowInsecure } = options;
  const projectId = options.projectId ?? projectOf(environment);
  const universe = variable(environment, 'GOOGLE_CLOUD_UNIVERSE_DOMAIN') ?? 'googleapis.com';
  checkAuth(auth, details);
  if (projectId !== undefined) checkProject(projectId);
  if (location !== undefined && !LABEL.test(location))
    throw misconfigured('location is not a region, such as "europe-west3".');
  if (!isBeginning(prefix))
    throw misconfigured('no name begins with "prefix": names are letters, digits, dashes and underscores.');
  if (!isVersion(version)) throw misconfigured('version is "latest", an alias of versions, or a number.');
  const quotaProject = variable(environment, 'GOOGLE_CLOUD_QUOTA_PROJECT');
  if (quotaProject !== undefined && !isHeaderText(quotaProject))
    throw misconfigured('GOOGLE_CLOUD_QUOTA_PROJECT is not a project.');
  if (!DOMAIN.test(universe)) throw misconfigured('GOOGLE_CLOUD_UNIVERSE_DOMAIN is not a domain.');
  return {
    projectId,
    location,
    prefix,
    version,
    json,
    tokens: auth ? new GivenAuth(auth, KIND) : new DefaultCredentials(KIND, environment, universe, hooks),
    quotaProject,
    api: {
      url:
        endpoint ??
        (location === undefined
          ? `https://secretmanager.${universe}`
          : `https://secretmanager.${location}.rep.${universe}`),
      urlOption: 'endpoint',
      sourceKind: KIND,
      tls,
      allowInsecure,
    },
  };
}

/** @throws SecretConfigurationError for what is not a project, and could lead elsewhere in a path. */
export function checkProject(projectId: string): void {
  const fault = nameFault(projectId, { place: 'segment' });
  if (fault) throw misconfigured(`the project ${fault.text}.`);
}

const misconfigured = (reason: string): SecretConfigurationError =>
  new SecretConfigurationError(reason, { sourceKind: KIND });
