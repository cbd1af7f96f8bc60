import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Test } from '@nestjs/testing';
import { HcpVaultClient, HcpVaultModule, memorySource } from 'nestjs-hcp-vault';
import { redisCache } from '../../lib/caches/redis/index.js';
import { describeWith } from '../servers/available.js';
import { redisBinary } from '../servers/locations.mjs';
import { type RedisServer, startRedis } from '../servers/redis.server.js';
import { CapturedLogger } from '../support/captured-logger.js';
import { textOf } from './markdown.js';
import { runShell, shellOf } from './shell.js';

const PAGE = 'docs/setup/redis.md';

describeWith(['redis'], PAGE, () => {
  const folder = mkdtempSync(join(tmpdir(), 'setup-redis-'));
  let redis: RedisServer;
  beforeAll(async () => void (redis = await startRedis()));
  afterAll(async () => {
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('given its shell blocks, when they are typed, then an app keeps its secrets there as that user', async () => {
    const own = join(redisBinary()!, '..', 'redis-cli');
    writeFileSync(join(folder, 'redis-cli'), `#!/bin/sh\nexec ${own} -p ${redis.port} "$@"\n`, { mode: 0o755 });
    const env = { PATH: [folder, process.env['PATH']].join(delimiter) };
    const printed = (await runShell(shellOf(PAGE, 'The user', 'The key'), folder, env)).trim().split('\n');
    expect(printed.slice(0, 2)).toEqual(['OK', 'OK']);
    const said = "has no permissions to access the 'session:1' key"; // of whom, Redis tells from 7.2 on
    expect([printed[2], textOf(PAGE)]).toEqual([expect.stringContaining(said), expect.stringContaining(said)]);

    const word = readFileSync(join(folder, 'redis-password'), 'utf8').trim();
    const key = Buffer.from(readFileSync(join(folder, 'cache-key'), 'utf8'), 'base64');
    const start = async (value: string) => {
      const sharedCache = redisCache({ url: `redis://shop:${word}@127.0.0.1:${redis.port}`, key });
      const source = memorySource({ KEY: value });
      const module = await Test.createTestingModule({
        imports: [HcpVaultModule.forRoot({ source, sharedCache, required: ['KEY'] })],
      }) // prettier-ignore
        .setLogger(new CapturedLogger())
        .compile();
      await module.init();
      const client = module.get(HcpVaultClient);
      const found = { value: client.get('KEY'), from: client.status()[0]!.from };
      await module.close();
      return found;
    };
    expect(await start('made-up-one')).toEqual({ value: 'made-up-one', from: 'source' });
    expect(await start('made-up-two')).toEqual({ value: 'made-up-one', from: 'redis' });
    expect(redis.cli('acl', 'log')).not.toMatch(/username\n?.*\nshop/);
  }, 30_000);
});
