import type { NameRules } from '../../../core/secret/secret-name.js';

const SHAPE = /^[A-Za-z0-9_-]{1,255}$/;

/** The service has no other names than these. */
export const ID_RULES: NameRules = {
  place: 'segment',
  shape: { matches: (id) => isId(id), words: 'names there are 1 to 255 letters, digits, dashes and underscores' },
};

/** What names a secret there. */
export const isId = (text: string): boolean => SHAPE.test(text);

/** What a name of a secret may begin with. */
export const isBeginning = (text: string): boolean => text === '' || isId(text);

/** `latest`, a number, or an alias. */
export const isVersion = (text: string): boolean => /^(?:[1-9]\d{0,18}|[A-Za-z][\w-]{0,62})$/.test(text);

/** A resource's name, taken apart. The project may be its ID or its number, whatever was asked for. */
export interface ResourceName {
  readonly location: string | undefined;
  readonly secret: string;
  readonly version: string | undefined;
}

const RESOURCE = /^projects\/[^/]+\/(?:locations\/([^/]+)\/)?secrets\/([^/]+)(?:\/versions\/([^/]+))?$/;

/** Of `projects/P/secrets/S/versions/V`, of `projects/P/locations/L/secrets/S`, and the like; undefined for anything else. */
export function resourceName(text: unknown): ResourceName | undefined {
  const [, location, secret, version] = (typeof text === 'string' && RESOURCE.exec(text)) || [];
  return secret === undefined ? undefined : { location, secret, version };
}
