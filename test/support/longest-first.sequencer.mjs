// A spec that takes a minute must not be the last to begin, with the other workers idle. A fresh clone has no times of earlier runs to go by.
import sequencer from '@jest/test-sequencer';

const Sequencer = sequencer.default ?? sequencer;

/** More than 40 seconds each. What waits for servers takes turns with what keeps the processor busy. */
const LONGEST = [
  'sources/vault-source/leases',
  'package/works-with-11',
  'sources/kubernetes/watch-faults',
  'package/works-with-12',
  'sources/vault-source/quotas',
  'package/nest-add',
  'contract/vault',
  'package/nest-11',
  'sources/aws/sqs-events.moto',
  'package/nest-12',
  'caches/redis/redis-fleet',
].map((name) => `/test/${name}.spec.ts`);

const rank = ({ path }) => {
  const at = LONGEST.findIndex((name) => path.replaceAll('\\', '/').endsWith(name));
  return at < 0 ? LONGEST.length : at;
};

export default class LongestFirst extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other));
  }
}
