import { SecretSourceUnavailableError } from '../../lib/core/errors/index.js';
import { memorySource } from '../../lib/sources/memory/index.js';
import { describeSecretSource } from '../../lib/testing/contract/index.js';
import { ODD_NAMES } from './support/odd-names.js';

describeSecretSource(
  'memory',
  (values) => {
    const source = memorySource(values);
    return {
      source,
      rotate: (name, value) => source.rotate(name, value),
      remove: (name) => source.remove(name),
      fail: () => source.fail(new SecretSourceUnavailableError('down for the test.')),
      recover: () => source.recover(),
    };
  },
  { values: ['text', 'object', 'bytes'], names: ODD_NAMES, without: ['canonicalName', 'close', 'watch'] },
);
