import { SecretSourceUnavailableError } from 'nestjs-hcp-vault';
import { FakeClock, settled } from '../support/fake-clock.js';
import { HOUR, MINUTE } from '../support/scripted-connection.js';
import { fails, ScriptedSource } from '../support/scripted-source.js';
import { memorySharedCache, MemoryStorage } from './support/memory-shared-cache.js';
import { replica } from './support/replica.js';

const away = fails(new SecretSourceUnavailableError('away.', { cause: { code: 'ECONNREFUSED' } }));
const YEARS = 10 * 365 * 24 * HOUR;

/** The same time, as another machine's clock shows it. */
function skewed(clock: FakeClock, by: number): FakeClock {
  const odd = new FakeClock();
  return Object.assign(odd, {
    now: clock.now,
    wall: () => clock.wall() + by,
    advance: clock.advance.bind(clock),
    sleep: clock.sleep.bind(clock),
    setTimer: clock.setTimer.bind(clock),
  });
}

describe('replicas whose wall clocks differ', () => {
  let clock: FakeClock;
  let storage: MemoryStorage;
  const cache = () => memorySharedCache(storage, { key: Buffer.alloc(32, 7), dynamic: true });

  beforeEach(() => {
    clock = new FakeClock();
    storage = new MemoryStorage();
  });

  it.each([-HOUR, -YEARS])(
    'credentials found by a clock that is %i ms off are not used past their lease',
    async (by) => {
      const backend = new ScriptedSource(clock, { can: ['revoke', 'renew'] });
      backend.set('DB', { lease: 2 * HOUR, renewable: false });
      const first = replica(cache(), backend, clock);
      await first.start(['DB']);
      first.runtime.refresher.stop(); // as one that is killed
      const endsAt = clock.now() + 2 * HOUR;
      await clock.advance(50 * MINUTE);
      backend.always.read = away;
      const second = replica(cache(), backend, skewed(clock, by), { bootstrapTimeout: '2s' });
      await second.start(['DB']).catch(() => undefined);
      let isUsedUntil = 0;
      for (let minute = 0; minute < 180; minute += 1) {
        await clock.advance(MINUTE);
        try {
          second.client.get('DB');
          isUsedUntil = clock.now();
        } catch {
          // It is over, or was never there.
        }
      }
      expect(isUsedUntil).toBeLessThanOrEqual(endsAt);
      await second.close();
      await first.close();
    },
  );

  it.each([HOUR, -HOUR, YEARS, -YEARS])(
    'static values reach one whose clock is %i ms off, at the latest as it reads',
    async (by) => {
      const backend = new ScriptedSource(clock);
      backend.set('DB', { value: 'canary-1' });
      const all = [replica(cache(), backend, clock), replica(cache(), backend, skewed(clock, by))];
      for (const one of all) await one.start(['DB']);
      await clock.advance(MINUTE);
      backend.set('DB', { value: 'canary-2' });
      await clock.advance(HOUR);
      await settled(20);
      expect(all.map(({ client }) => client.get('DB'))).toEqual(['canary-2', 'canary-2']);
      for (const one of all) await one.close();
    },
  );
});
