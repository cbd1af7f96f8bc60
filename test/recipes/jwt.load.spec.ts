import { setImmediate, setTimeout as pause } from 'node:timers/promises';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { AuthGuard } from '@nestjs/passport';
import { Test } from '@nestjs/testing';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { HcpVaultClient, HcpVaultModule, memorySource } from 'nestjs-hcp-vault';
import { jwtModule } from './jwt/jwt.options.js';
import { JwtStrategy } from './jwt/jwt.strategy.js';
import { Load } from './support/load.js';
import { writeRow, type Order } from './support/rows.js';

@Controller()
class Api {
  @Get()
  @UseGuards(AuthGuard('jwt'))
  get(): string {
    return 'in';
  }
}

/** An app that signs and checks tokens, with a memory of its own: each hears of a new key when the test says so. */
async function app(key: string) {
  const source = memorySource({ JWT_KEY: key });
  const module = await Test.createTestingModule({
    imports: [HcpVaultModule.forRoot({ source }), jwtModule],
    providers: [JwtStrategy],
    controllers: [Api],
  }).compile();
  const nest = module.createNestApplication({ logger: false });
  await nest.listen(0, '127.0.0.1');
  const server = nest.getHttpServer() as Server;
  return {
    tokens: module.get(JwtService),
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    publish: (to: string) => source.rotate('JWT_KEY', to),
    hear: () => module.get(HcpVaultClient).refresh('JWT_KEY'),
    close: () => nest.close(),
  };
}

// The files of docs/recipes/jwt.md, as they stand there.
describe('the recipe of @nestjs/jwt and Passport', () => {
  const orders: Order[] = ['database first', 'secret first'];

  it.each(orders)(
    'given 200 clients whose tokens one app signs and another checks, when the key is rotated ten times, %s, then no token is refused',
    async (order) => {
      const [signer, verifier] = [await app('canary-k0'), await app('canary-k0')];
      const old = await signer.tokens.signAsync({ sub: 'u' });
      const load = new Load(200, async () => {
        const token = await signer.tokens.signAsync({ sub: 'u' });
        await setImmediate(); // as on the way from one app to the other
        return verifier.tokens.verifyAsync(token);
      });
      await load.until(100);
      for (let turn = 1; turn <= 10; turn += 1) {
        const [first, second] = order === 'database first' ? [signer, verifier] : [verifier, signer];
        for (const { publish } of [signer, verifier]) publish(`canary-k${turn}`);
        await first.hear();
        await pause(20);
        // A verifier that nobody tells finds out by the first token that it can't check.
        if (second === signer || turn % 3 !== 1) await second.hear();
        await load.until(100);
      }
      const { operations, failures } = await load.stop();
      const row = { recipe: '@nestjs/jwt', page: 'jwt.md', server: 'another app', alive: undefined };
      writeRow({ ...row, order, operations, failed: failures.length });
      writeRow({ ...row, order: 'users by turns', operations: 0, failed: 0, reason: 'a key has no user' });
      expect(failures).toEqual([]);
      expect((await verifier.tokens.verifyAsync<{ sub: string }>(old)).sub).toBe('u'); // signed eleven keys ago
      await Promise.all([signer.close(), verifier.close()]);
    },
    60_000,
  );

  it('given a key that was rotated, when requests come in by Passport, then tokens of either key are taken, and no others', async () => {
    const api = await app('canary-k0');
    const status = async (token: string): Promise<number> =>
      (await request(api.url).get('/').set('authorization', `Bearer ${token}`)).status;
    const before = await api.tokens.signAsync({ sub: 'u' });
    api.publish('canary-k1');
    await api.hear();
    const after = await api.tokens.signAsync({ sub: 'u' });
    const [head, body] = after.split('.');
    const none = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${body}.`;
    expect(await Promise.all([before, after, `${head}.${body}.AAAA`, none, 'x'].map(status))).toEqual([
      200, 200, 401, 401, 401,
    ]);
    await api.close();
  }, 20_000);
});
