// For how long does a reading of many secrets keep the event loop to itself?
import { setImmediate } from 'node:timers';
import { names, preparedSource, startApp, states } from './app.mjs';

const ROUNDS = 12;
/** Milliseconds between two readings of the job. */
const EVERY = 600;

/** Milliseconds of the longest turn while `work` runs, and for a while after it. */
async function longestTurn(work) {
  let longest = 0;
  let watching = true;
  let last = performance.now();
  const watch = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (watching) setImmediate(watch);
  };
  setImmediate(watch);
  await new Promise((resolve) => setImmediate(resolve));
  await work();
  // What comes after the answer (streams, the schedule) counts as well.
  for (let i = 0; i < 50; i += 1) await new Promise((resolve) => setImmediate(resolve));
  watching = false;
  return longest;
}

/** The best of some rounds, for the garbage collector's pauses and other programs are not ours. */
async function best(rounds, round) {
  const turns = [];
  for (let i = 0; i < rounds; i += 1) turns.push(await round(i));
  return Math.min(...turns);
}

/** @param bulk true: the source is read as a whole; false: by names. */
export async function measureTurns(count, bulk) {
  const all = names(count);
  const answers = [states(all, 'a'), states(all, 'b')];
  const source = preparedSource(answers[0], bulk);
  const keep = bulk ? { preload: 'all' } : { required: all };
  const refresh = { every: EVERY, jitter: 0 };
  const { client, close } = await startApp({ source, ...keep, refresh, cache: { maxAge: '1d' } });
  const jobReads = async () => {
    const { readings } = source;
    while (source.readings === readings) await new Promise((resolve) => setImmediate(resolve));
  };
  const asked = (change) =>
    best(ROUNDS, async (round) => {
      if (change) source.answer = answers[(round + 1) % 2];
      return longestTurn(() => client.refresh());
    });
  const byJob = (change) =>
    best(ROUNDS, async (round) => {
      if (change) source.answer = answers[(round + 1) % 2];
      return longestTurn(jobReads);
    });
  await asked(true); // through the compilers' tiers
  const result = {
    unchanged: await asked(false),
    rotated: await asked(true),
    jobUnchanged: await byJob(false),
    jobRotated: await byJob(true),
  };
  const { changed } = await client.refresh();
  if (client.status().length !== count || changed.length > count) throw new Error('Not what was to be measured.');
  await close();
  return result;
}
