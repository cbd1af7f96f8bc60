import type { SecretValue } from '../../core/secret/secret-value.js';
import { MemorySource } from './memory.source.js';

export { MemorySource } from './memory.source.js';

/**
 * A source whose secrets live in this process: for tests, and for trying things out. See {@link MemorySource} for `rotate`, `remove`, `fail`, `recover`.
 * @param values text, bytes, or JSON objects and arrays, by name; copied. Throws SecretConfigurationError for anything else.
 */
export const memorySource = (values: Readonly<Record<string, SecretValue | object>> = {}): MemorySource =>
  new MemorySource(values);
