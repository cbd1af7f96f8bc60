import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FileSource } from '../../../lib/sources/file/file.source.js';
import type { WatchSettings } from '../../../lib/sources/watch/index.js';
import { changesOf } from '../../contract/support/changes.js';
import { removeFolders, saveAtomically, temporaryFolder } from '../../contract/support/temporary-folder.js';
import { FakeClock } from '../../support/fake-clock.js';
import { context } from '../support/hcp.js';

const deaf: WatchSettings['listen'] = () => () => undefined;
const refused: WatchSettings['listen'] = () => {
  throw Object.assign(new Error('no watches left'), { code: 'ENOSPC' });
};

async function looked(listen: WatchSettings['listen'], optional = false) {
  const path = join(temporaryFolder(), 'a.json');
  writeFileSync(path, '{"A":"1","B":"1"}');
  const clock = new FakeClock();
  const source = new FileSource(path, { lookEvery: '10s', optional }, { clock, listen });
  await source.readAll(context());
  const changes = changesOf(source);
  await armed(clock);
  return { path, clock, source, changes };
}

/** A look reads the file, and then arms the timer of the next one. */
async function armed(clock: FakeClock) {
  while (clock.pending === 0) await new Promise((resolve) => setImmediate(resolve));
}

afterEach(removeFolders);

describe('a file looked at in intervals', () => {
  test.each([
    ['never sends events', deaf],
    ['refuses to be listened at', refused],
  ])('given a file system that %s, when the interval is over, then changes are told', async (_, listen) => {
    const { path, clock, changes } = await looked(listen);

    saveAtomically(path, '{"A":"2","B":"1"}');
    await clock.advance(9_999);
    expect(changes.told).toEqual([]);
    await clock.advance(1);
    expect(await changes.next()).toEqual(['A']);
    await armed(clock);
    saveAtomically(path, '{"A":"2","B":"22"}');
    await clock.advance(10_000);
    expect(await changes.next()).toEqual(['B']);
    changes.end();
  });

  test('given a save of the same size that sets the time back, when looked at, then it is told all the same', async () => {
    const { path, clock, changes } = await looked(deaf);
    utimesSync(path, 1, 1);
    await clock.advance(10_000);
    await armed(clock);

    writeFileSync(path, '{"A":"2","B":"1"}');
    utimesSync(path, 1, 1);
    await clock.advance(10_000);

    expect(await changes.next()).toEqual(['A']);
    changes.end();
  });

  test('given a file that is broken or missing, when looked at, then nothing is told until it is whole and different', async () => {
    const { path, clock, changes } = await looked(deaf);

    for (const breaking of [() => writeFileSync(path, '{"A":'), () => rmSync(path)]) {
      breaking();
      await clock.advance(10_000);
      await armed(clock);
    }
    writeFileSync(path, '{"A":"1","B":"1"}');
    await clock.advance(10_000);
    await armed(clock);
    expect(changes.told).toEqual([]);

    writeFileSync(path, '{"A":"1","B":"2"}');
    await clock.advance(10_000);
    expect(await changes.next()).toEqual(['B']);
    changes.end();
  });

  test('given a file that is away for a while, when looked at, then the channel is lost once, and resumes with what has changed', async () => {
    const { path, clock, changes } = await looked(deaf);
    expect(changes.channel).toEqual([]);
    rmSync(path);
    for (let look = 0; look < 2; look += 1) {
      await clock.advance(10_000);
      await armed(clock);
    }
    expect(changes.channel).toEqual([expect.objectContaining({ code: 'ENOENT' })]);
    expect(changes.told).toEqual([]);
    writeFileSync(path, '{"A":"2","B":"1"}');
    await clock.advance(10_000);
    expect(await changes.next()).toEqual(['A']);
    expect(changes.channel.slice(1)).toEqual(['resumed']);
    writeFileSync(path, '{"A":');
    await clock.advance(10_000);
    await armed(clock);
    expect(changes.channel).toHaveLength(2);
    changes.end();
  });

  test('given a file that may be absent, when it goes and comes, then its names are told, and the channel is never lost', async () => {
    const { path, clock, changes } = await looked(deaf, true);
    rmSync(path);
    await clock.advance(10_000);
    expect(await changes.next()).toEqual(['A', 'B']);
    await armed(clock);
    writeFileSync(path, '{"A":"3"}');
    await clock.advance(10_000);
    expect(await changes.next()).toEqual(['A']);
    expect(changes.channel).toEqual([]);
    changes.end();
  });

  test('given a value that becomes one that nobody can take, and is mended, when looked at, then its name is told both times', async () => {
    const { path, clock, changes } = await looked(deaf);
    for (const value of ['{"n":1e999}', '"mended"']) {
      writeFileSync(path, `{"A":${value},"B":"1"}`);
      await clock.advance(10_000);
      expect(await changes.next()).toEqual(['A']);
      await armed(clock);
    }
    changes.end();
  });

  test('given events without a pause, when a second is over, then it is looked at in their midst', async () => {
    const hear: (() => void)[] = [];
    const { path, clock, changes } = await looked((_, onEvent) => {
      hear.push(() => onEvent('a.json'));
      return () => undefined;
    });

    writeFileSync(path, '{"A":"2","B":"1"}');
    for (let elapsed = 0; elapsed < 1_100 && changes.told.length === 0; elapsed += 20) {
      for (const event of hear) event();
      await clock.advance(20);
    }
    expect(await changes.next()).toEqual(['A']);
    changes.end();
  });

  test('given a source that is watched, when it is closed, then no timer is left', async () => {
    const { clock, source } = await looked(deaf);
    expect(clock.pending).toBe(1);
    await source.close();
    expect(clock.pending).toBe(0);
  });
});
