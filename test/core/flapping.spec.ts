import type { PushChannel } from 'nestjs-hcp-vault';
import { HOUR, MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import { channel } from '../support/scripted-source.js';

async function connect() {
  const { watch, announce } = channel();
  const push: PushChannel = { kind: 'flapping', open: watch };
  const set = scripted({ refresh: { jitter: 0 }, push });
  set.backend.set('KEY', { value: 'v1', version: '1' });
  await set.start('KEY');
  return { ...set, announce };
}

describe('a channel that comes and goes', () => {
  it('given one that is lost and hears again each second, when three hours pass, then all is read as by the regular refresh and a few times more, the log has a few lines, and no timer is left over', async () => {
    const { announce, clock, backend, lines, runtime, told } = await connect();
    const pending: number[] = [];
    for (let n = 0; n < 3 * 3_600; n += 1) {
      announce.lost(new Error('cut'));
      announce.resumed();
      await clock.advance(SECOND);
      if (n % 1_000 === 0) pending.push(clock.pending);
    }
    // Three hours of a reading in 25 minutes or less, and what followed the first losses; it was one a second.
    expect(backend.count('read')).toBeGreaterThan(4);
    expect(backend.count('read')).toBeLessThan(30);
    expect(lines.length).toBeLessThan(12); // 21,600 before
    expect(lines.at(-1)).toContain('found by the regular refresh'); // it is not said to be well
    expect(Math.max(...pending) - Math.min(...pending)).toBeLessThanOrEqual(1);
    expect(told('channel-lost')).toHaveLength(3 * 3_600); // who asks is told of each
    await runtime.shutdown();
    expect(clock.pending).toBe(0);
  });

  it('given one that came and went, when it hears for good, then all is read within five minutes, that is said, and it is eased; and the next loss is the first again', async () => {
    const { announce, clock, backend, lines, client, runtime } = await connect();
    for (let n = 0; n < 100; n += 1) {
      announce.lost(new Error('cut'));
      announce.resumed();
      await clock.advance(SECOND);
    }
    backend.set('KEY', { value: 'v2', version: '2' });
    await clock.advance(5 * MINUTE);
    expect(client.get('KEY')).toBe('v2');
    expect(lines.at(-1)).toContain('heard again');
    expect(runtime.options.policies.isEased).toBe(true);
    await clock.advance(HOUR);
    announce.lost(new Error('cut'));
    backend.set('KEY', { value: 'v3', version: '3' });
    announce.resumed();
    await clock.advance(100);
    expect(client.get('KEY')).toBe('v3');
  });

  it('given one that came and went, when it announces a change while all is not read yet, then that is read at once', async () => {
    const { announce, clock, backend, client } = await connect();
    for (let n = 0; n < 100; n += 1) {
      announce.lost(new Error('cut'));
      announce.resumed();
    }
    backend.set('KEY', { value: 'v2', version: '2' });
    announce();
    await clock.advance(2 * SECOND);
    expect(client.get('KEY')).toBe('v2');
  });
});
