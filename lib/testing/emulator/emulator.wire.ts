import type {
  DynamicSecret,
  EmulatedSecret,
  EmulatedVersion,
  NamedValues,
  RotatingSecret,
  VersionedSecret,
} from './emulated-secret.js';
import { latest } from './emulated-secret.js';
import type { EmulatedApp, IssuedCredentials } from './emulator.state.js';

// The JSON of the API: snake_case, RFC 3339 times, int64 as numbers (HashiCorp's Go SDK refuses strings), empty members left out.
// A static secret's value is the exception: an empty one is shown, so that it cannot be taken for a missing one.

/** The principal that all secrets were made by. */
const CREATED_BY = 'emulator';

const time = (milliseconds: number): string => new Date(milliseconds).toISOString();

export function appView(app: EmulatedApp, organizationId: string, projectId: string): object {
  return {
    organization_id: organizationId,
    project_id: projectId,
    name: app.name,
    ...(app.description !== '' && { description: app.description }),
    resource_id: app.id,
    resource_name: `secrets/project/${projectId}/app/${app.name}`,
    created_at: time(app.createdAt),
    updated_at: time(app.createdAt),
    ...(app.secrets.size > 0 && { secret_count: app.secrets.size }),
    sync_names: [],
  };
}

/** A secret without its value. */
export function secretView(secret: EmulatedSecret): object {
  switch (secret.type) {
    case 'kv':
      return { ...head(secret), static_version: staticVersion(latest(secret)) };
    case 'rotating':
      return { ...head(secret), rotating_version: rotatingVersion(secret, latest(secret)) };
    case 'dynamic':
      return { ...head(secret), dynamic_config: { ttl: seconds(secret.ttl) } };
  }
}

/** A static or rotating secret with its latest value. */
export function openSecretView(secret: VersionedSecret): object {
  return { ...head(secret), ...openVersionView(secret, latest<unknown>(secret).version) };
}

/** A dynamic secret with what its opening issued. */
export function openDynamicView(secret: DynamicSecret, issued: IssuedCredentials): object {
  return { ...head(secret), dynamic_instance: dynamicInstance(issued) };
}

/** One version under its member's name, with its value; undefined where there is none of that number. */
export function openVersionView(secret: VersionedSecret, number: number): object | undefined {
  const version = versionView(secret, number, true);
  return version && { [`${memberOf(secret)}_version`]: version };
}

/** The versions of these numbers, with or without their values. */
export function versionsView(secret: VersionedSecret, numbers: readonly number[], open: boolean): object {
  const versions = numbers.map((number) => versionView(secret, number, open));
  return { [`${memberOf(secret)}_versions`]: { versions } };
}

const memberOf = ({ type }: VersionedSecret): string => (type === 'kv' ? 'static' : 'rotating');

function versionView(secret: VersionedSecret, number: number, open: boolean): object | undefined {
  if (secret.type === 'kv') {
    const found = secret.versions.find(({ version }) => version === number);
    return found && { ...staticVersion(found), ...(open && { value: found.value }) };
  }
  const found = secret.versions.find(({ version }) => version === number);
  return found && { ...rotatingVersion(secret, found), ...(open && { values: found.value }) };
}

function head(secret: EmulatedSecret): object {
  return {
    name: secret.name,
    type: secret.type,
    ...(secret.type !== 'dynamic' && { latest_version: latest<unknown>(secret).version }),
    created_at: time(secret.createdAt),
    created_by_id: CREATED_BY,
  };
}

const staticVersion = ({ version, createdAt }: EmulatedVersion<string>): object => ({
  version,
  created_at: time(createdAt),
  created_by_id: CREATED_BY,
});

const rotatingVersion = (
  { ttl }: RotatingSecret,
  { version, createdAt, value }: EmulatedVersion<NamedValues>,
): object => ({
  version,
  keys: Object.keys(value),
  created_at: time(createdAt),
  ...(ttl !== undefined && { expires_at: time(createdAt + ttl) }),
  created_by_id: CREATED_BY,
});

const dynamicInstance = ({ values, createdAt, ttl }: IssuedCredentials): object => ({
  values,
  created_at: time(createdAt),
  expires_at: time(createdAt + ttl),
  ttl: seconds(ttl),
});

const seconds = (milliseconds: number): string => `${milliseconds / 1000}s`;
