import type { SecretValue } from '../../../lib/core/secret/secret-value.js';
import { SecretVersion } from '../../../lib/core/secret/secret-version.js';
import type { SecretSource } from '../../../lib/core/source/secret-source.js';

function unwrapped(result: SecretVersion): SecretVersion {
  const { value, version, createdAt } = result;
  const [field, ...others] = typeof value === 'object' ? Object.entries(value) : [];
  if (!field || others.length > 0 || field[0] !== 'value' || typeof field[1] !== 'string') return result;
  return SecretVersion.of(field[1], { version, createdAt });
}

const all = <T>(results: ReadonlyMap<string, T>) =>
  new Map([...results].map(([name, result]) => [name, result instanceof SecretVersion ? unwrapped(result) : result]));

/** For a backend that holds objects alone: the suite's texts are the one field of an object there. */
export function textInObjects(source: SecretSource): SecretSource {
  const hidden: SecretSource = Object.create(source) as SecretSource;
  return Object.assign(hidden, {
    kind: source.kind,
    read: async (...call: Parameters<SecretSource['read']>) => all(await source.read(...call)),
    readAll: async (...call: Parameters<NonNullable<SecretSource['readAll']>>) => all(await source.readAll!(...call)),
    list: source.list?.bind(source),
    exists: source.exists?.bind(source),
    write: (name: string, value: SecretValue, context: Parameters<NonNullable<SecretSource['write']>>[2]) =>
      source.write!(name, typeof value === 'string' ? { value } : value, context),
    previousVersion: source.previousVersion?.bind(source),
    watch: source.watch?.bind(source),
    close: source.close?.bind(source),
    toJSON: () => String(source),
    toString: () => String(source),
  });
}
