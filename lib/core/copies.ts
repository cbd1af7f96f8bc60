import { SecretConfigurationError } from './errors/index.js';
import { PACKAGE_VERSION } from './package-version.js';

/**
 * A copy of this package that is loaded: one for ES modules and one for CommonJS, where Node or a bundler keeps them apart, or one that is nested in another
 * package's `node_modules`. What all of them must agree on (tokens, views, the state of an app's start) is kept once, for copies of one version
 * (`sharedByCopies`).
 */
interface Copy {
  readonly version: string;
  /** The file that it was loaded from. */
  readonly place: string;
}

// Every version of this package reads this list: its form stays.
const copies = ((globalThis as unknown as Record<symbol, unknown>)[Symbol.for('nestjs-hcp-vault.copies')] ??=
  []) as Copy[];
copies.push({ version: PACKAGE_VERSION, place: placeOf(new Error().stack) });

/** Throws SecretConfigurationError where copies of several versions are loaded: what the one records, the other would not find. */
export function refuseOtherVersions(): void {
  if (copies.every(({ version }) => version === PACKAGE_VERSION)) return;
  const told = [...new Set(copies.map(({ version, place }) => `${version} (${place})`))];
  throw new SecretConfigurationError(
    `several versions of nestjs-hcp-vault are loaded in this process: ${told.join(', ')}.`,
    { advice: 'They would not find what the other records. Let all packages depend on one version: see `npm ls nestjs-hcp-vault`, `npm dedupe`, or `overrides` in package.json.' }, // prettier-ignore
  );
}

/** The file of a stack's first line. A look at `import.meta` would not compile as CommonJS. */
function placeOf(stack: string | undefined): string {
  const line = stack?.split('\n').find((text) => /^\s+at /.test(text)) ?? '';
  const [, place] = /(?:\(|at (?:async )?)((?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])[^()]*?):\d+:\d+\)?$/.exec(line) ?? [];
  return place ?? 'a file that is not known';
}
