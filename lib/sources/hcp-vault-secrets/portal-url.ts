import { SecretConfigurationError } from '../../core/errors/index.js';
import { KIND } from './hcp-vault-secrets.options.js';

export interface PortalUrl {
  readonly organizationId: string;
  readonly projectId: string;
  readonly appName: string;
  /** HashiCorp's region, where the address is theirs. */
  readonly geography: 'us' | 'eu' | undefined;
  /** The address, where it is not theirs: an emulator's, or a gateway's. */
  readonly apiUrl: string | undefined;
}

const IDS = /\/secrets\/[\w-]+\/organizations\/([^/]+)\/projects\/([^/]+)\/apps\/([^/]+)(?:\/|$)/;

/** Reads the three IDs out of the secrets URL that HCP's portal shows. Throws SecretConfigurationError, which does not quote it. */
export function parsePortalUrl(text: string): PortalUrl {
  const found = URL.canParse(text) ? IDS.exec(new URL(text).pathname) : null;
  const [organizationId, projectId, appName] = (found ?? []).slice(1).map(decoded);
  if (!organizationId || !projectId || !appName) {
    throw new SecretConfigurationError(
      'url is not the secrets URL of an app: https://…/organizations/ORG/projects/PROJECT/apps/APP/secrets:open.',
      {
        sourceKind: KIND,
        advice: 'Copy it from the app’s page in the HCP portal, or give organizationId, projectId and appName.',
      },
    );
  }
  const { origin, hostname } = new URL(text);
  const region = /^[\w.-]*?(\.eu)?\.hashicorp\.com$/.exec(hostname);
  return {
    organizationId,
    projectId,
    appName,
    geography: region ? (region[1] ? 'eu' : 'us') : undefined,
    apiUrl: region ? undefined : origin,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return '';
  }
}
