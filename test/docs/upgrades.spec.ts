import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Test } from '@nestjs/testing';
import { diskCache, HcpVaultClient, HcpVaultModule, memorySource, type SharedCache } from 'nestjs-hcp-vault';
import { redisCache } from '../../lib/caches/redis/index.js';
import { describeWith } from '../servers/available.js';
import { type RedisServer, startRedis } from '../servers/redis.server.js';
import { CapturedLogger } from '../support/captured-logger.js';

const key = randomBytes(32);

/** A replica that starts, and ends: its value, where that came from, and the warnings. */
async function replica(sharedCache: SharedCache, value: string) {
  const logger = new CapturedLogger();
  const source = memorySource({ KEY: value });
  const module = await Test.createTestingModule({
    imports: [HcpVaultModule.forRoot({ source, sharedCache, required: ['KEY'] })],
  }) // prettier-ignore
    .setLogger(logger)
    .compile();
  await module.init();
  const client = module.get(HcpVaultClient);
  const found = { value: client.get('KEY'), from: client.status()[0]!.from };
  await module.close();
  return { ...found, warnings: logger.at('warn').length };
}

/** As another release would have sealed it: in a form of its own. */
const ofOtherForm = (sealed: Buffer): Buffer => Buffer.concat([Buffer.of(2), sealed.subarray(1)]);

/** What docs/operations/upgrades.md says of a rolling deployment whose two releases keep secrets in different forms. */
describe('a cache of another release', () => {
  it('given entries of another form on the disk, when a replica starts, then it asks the source, says so once, and writes over them', async () => {
    const dir = join(mkdtempSync(join(tmpdir(), 'upgrades-')), 'cache');
    const start = (value: string) => replica(diskCache({ dir, key }), value);
    expect(await start('made-up-one')).toEqual({ value: 'made-up-one', from: 'source', warnings: 0 });
    expect(await start('made-up-two')).toEqual({ value: 'made-up-one', from: 'disk', warnings: 0 });
    const files = () => readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((file) => join(dir, file)).filter((file) => readFileSync(file).length > 53); // prettier-ignore
    expect(files().length).toBeGreaterThan(0);
    for (const file of files()) writeFileSync(file, ofOtherForm(readFileSync(file)));
    expect(await start('made-up-three')).toEqual({ value: 'made-up-three', from: 'source', warnings: 1 });
    expect(files().map((file) => readFileSync(file)[0])).toEqual(files().map(() => 1));
    expect(await start('made-up-four')).toEqual({ value: 'made-up-three', from: 'disk', warnings: 0 });
    rmSync(join(dir, '..'), { recursive: true });
  }, 30_000);
});

describeWith(['redis'], 'a Redis of another release', () => {
  let redis: RedisServer;
  beforeAll(async () => void (redis = await startRedis()));
  afterAll(() => redis?.stop());

  it('given entries of another form, when a replica starts, then it asks the source, says so once, and writes over them', async () => {
    const start = (value: string) => replica(redisCache({ url: redis.url, key }), value);
    expect(await start('made-up-one')).toEqual({ value: 'made-up-one', from: 'source', warnings: 0 });
    const entries = redis.cli('--raw', 'keys', '{hcp-vault}:e:*').split('\n').filter(Boolean);
    expect(entries.length).toBeGreaterThan(0);
    for (const entry of entries) {
      const [fence, at, sealed] = redis.cli('--raw', 'get', entry).trim().split(' ');
      const other = ofOtherForm(Buffer.from(sealed!, 'base64')).toString('base64');
      redis.cli('set', entry, `${fence} ${at} ${other}`);
    }
    expect(await start('made-up-two')).toEqual({ value: 'made-up-two', from: 'source', warnings: 1 });
    expect(await start('made-up-three')).toEqual({ value: 'made-up-two', from: 'redis', warnings: 0 });
  }, 30_000);
});
