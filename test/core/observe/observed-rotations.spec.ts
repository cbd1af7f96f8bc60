import { SecretVersion } from '../../../lib/core/secret/secret-version.js';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { settled } from '../../support/fake-clock.js';
import { HOUR, SECOND, scripted } from '../../support/scripted-connection.js';
import { channel } from '../../support/scripted-source.js';
import { RecordedObserver } from './recorded-observer.js';

const START = 1_800_000_000_000;

function observed(options: Parameters<typeof scripted>[0] = {}, about: Parameters<typeof scripted>[1] = {}) {
  const set = scripted(options, { isHeard: false, ...about });
  const observer = new RecordedObserver();
  set.runtime.observations.add(observer);
  return { ...set, observer };
}

const versions = (set: ReturnType<typeof observed>) => ({
  give: (value: string, version: string, createdAt?: Date) =>
    (set.backend.always.read = () => new Map([['DB', SecretVersion.of(value, { version, createdAt })]])),
});

describe('rotations that are observed', () => {
  it('given a version with its creation, when the last handler is done, then the lag counts from there to the end of the handler', async () => {
    const set = observed();
    const { clock, observer, start, runtime, client } = set;
    const { give } = versions(set);
    give('canary-1', '1', new Date(START - HOUR));
    await start('DB');
    let finish!: () => void;
    runtime.pin('DB').live.onRotation(() => new Promise<void>((resolve) => (finish = resolve)));
    await clock.advance(10 * SECOND);
    give('canary-2', '2', new Date(START + 4 * SECOND));
    await client.refresh('DB');
    const rotation = {
      connection: 'default',
      source: 'scripted',
      name: 'DB',
      version: '2',
      previousVersion: '1',
      createdAt: new Date(START + 4 * SECOND),
      publishedAt: new Date(START + 10 * SECOND),
    };
    expect(observer.rotations).toEqual([rotation]);
    expect(observer.followings).toEqual([]);
    await clock.advance(3 * SECOND);
    finish();
    await settled();
    expect(observer.followings).toEqual([
      { ...rotation, followedAt: new Date(START + 13 * SECOND), lag: { from: 'creation', ms: 9 * SECOND } },
    ]);
    expect(JSON.stringify(observer)).not.toContain('canary');
  });

  it('given nobody who follows, when a secret rotates, then it is followed at once', async () => {
    const set = observed();
    const { give } = versions(set);
    give('canary-1', '1');
    await set.start('DB');
    give('canary-2', '2');
    await set.client.refresh('DB');
    expect(set.observer.followings).toMatchObject([{ version: '2', followedAt: new Date(START) }]);
    expect(set.observer.followings[0]).not.toHaveProperty('lag');
  });

  it('given a return to an older version, or a source whose clock is ahead, when it rotates, then no lag is made up', async () => {
    const set = observed();
    const { client, observer } = set;
    const { give } = versions(set);
    give('canary-2', '2', new Date(START - SECOND));
    await set.start('DB');
    give('canary-1', '1', new Date(START - 24 * HOUR));
    await client.refresh('DB');
    give('canary-3', '3', new Date(START + HOUR));
    await client.refresh('DB');
    expect(observer.followings.map(({ lag }) => lag)).toEqual([undefined, { from: 'creation', ms: 0 }]);
  });

  it('given an announcement, when what it tells of is seen at a later reading, then the lag counts from its arrival', async () => {
    const { watch, announce } = channel();
    const set = observed({}, { more: { watch } });
    const { clock, observer } = set;
    const { give } = versions(set);
    give('canary-1', '1', new Date(START - HOUR));
    await set.start('DB');
    await clock.advance(HOUR);
    announce([{ name: 'DB' }]);
    await clock.advance(400);
    give('canary-2', '2', new Date(START + 10 * SECOND));
    await clock.advance(SECOND);
    expect(observer.followings).toMatchObject([
      { announcedAt: new Date(START + HOUR), lag: { from: 'announcement', ms: 500 } },
    ]);
    // The next rotation is found by the job: nobody has announced it.
    await clock.advance(HOUR);
    give('canary-3', '3');
    await set.client.refresh('DB');
    expect(observer.followings[1]).not.toHaveProperty('announcedAt');
  });

  it.each([
    ['of anything', (announce: ReturnType<typeof channel>['announce']) => announce()],
    ['that may be repeated', undefined],
  ])('given an announcement %s, when it brings a rotation, then its arrival is told', async (_, by) => {
    const { watch, announce } = channel();
    const set = observed({}, { more: { watch } });
    const { clock, observer, runtime } = set;
    const { give } = versions(set);
    give('canary-1', '1');
    await set.start('DB');
    await clock.advance(60 * SECOND);
    give('canary-2', '2');
    if (by) by(announce);
    else runtime.announce([{ name: 'DB' }], true);
    await clock.advance(SECOND);
    expect(observer.rotations).toMatchObject([{ announcedAt: new Date(START + 60 * SECOND) }]);
  });

  it('given an announcement while refreshing is paused, when it goes on, then the lag counts from the arrival, over the pause', async () => {
    const { watch, announce } = channel();
    const set = observed({}, { more: { watch } });
    const { clock, client, observer } = set;
    const { give } = versions(set);
    give('canary-1', '1');
    await set.start('DB');
    client.pause();
    announce(['DB']);
    give('canary-2', '2');
    await clock.advance(60 * SECOND);
    expect(observer.rotations).toEqual([]);
    client.resume();
    await clock.advance(SECOND);
    expect(observer.followings).toMatchObject([{ announcedAt: new Date(START), lag: { from: 'announcement' } }]);
    expect(observer.followings[0]!.lag!.ms).toBeGreaterThanOrEqual(60 * SECOND);
  });

  it('given a handler that is cut off by the end of the app, when that comes, then nothing is told as followed', async () => {
    const set = observed();
    const { give } = versions(set);
    give('canary-1', '1');
    await set.start('DB');
    let finish!: () => void;
    set.runtime.pin('DB').live.onRotation(() => new Promise<void>((resolve) => (finish = resolve)));
    give('canary-2', '2');
    await set.client.refresh('DB');
    await set.runtime.shutdown();
    finish();
    await settled();
    expect(set.observer.rotations).toHaveLength(1);
    expect(set.observer.followings).toEqual([]);
  });
});

describe('values that are not taken, observed', () => {
  const schema = {
    '~standard': {
      version: 1,
      vendor: 'own',
      validate: (value: unknown) =>
        String(value).includes('bad') ? { issues: [{ message: String(value) }] } : { value },
    },
  } satisfies StandardSchemaV1;

  it('given a schema, a hook and a field that refuse, when a version comes, then each refusal is told with who refused it, and no value', async () => {
    const hook = {
      put: (_name: string, value: unknown) => {
        if (String(value).includes('hook')) throw new Error(String(value));
        return value;
      },
    };
    const set = observed({ schema: { DB: schema }, cache: { hook } });
    const { client, observer, runtime } = set;
    const { give } = versions(set);
    give('canary-1', '1');
    await set.start('DB');
    give('canary-bad', '2');
    await client.refresh('DB');
    give('canary-hook', '3');
    await client.refresh('DB');
    runtime.pin('DB').requireField('password');
    give('canary-4', '4');
    await client.refresh('DB');
    expect(observer.refusals.map(({ by, version, code }) => ({ by, version, code }))).toEqual([
      { by: 'schema', version: '2', code: 'SECRET_VALIDATION' },
      { by: 'hook', version: '3', code: 'SECRET_VALIDATION' },
      { by: 'field', version: '4', code: 'SECRET_FIELD' },
    ]);
    expect(JSON.stringify(observer)).not.toContain('canary');
  });

  it('given work that the other side refuses, and a report, when they happen, then each refusal is told with its way', async () => {
    const set = observed();
    const { client, clock, observer } = set;
    const { give } = versions(set);
    give('canary-1', '1');
    await set.start('DB');
    const refusal = new Error('refused');
    const work = client.withSecret('DB', () => Promise.reject(refusal), {
      rejects: (error) => error === refusal,
      retryFor: 0,
    });
    await expect(work).rejects.toBe(refusal);
    const reported = client.reportRejected('DB');
    await clock.advance(2 * SECOND);
    await reported;
    expect(observer.rejections).toEqual([
      { connection: 'default', source: 'scripted', name: 'DB', by: 'withSecret' },
      { connection: 'default', source: 'scripted', name: 'DB', by: 'reportRejected' },
    ]);
  });
});
