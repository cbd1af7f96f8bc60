import assert from 'node:assert/strict';
import { Controller, Injectable } from '@nestjs/common';
import { CustomTransportStrategy, MessagePattern, Server } from '@nestjs/microservices';
import { InjectSecret, WithSecrets } from 'nestjs-hcp-vault';
import { start } from './apps.js';
import { row } from './row.js';

@Injectable()
class Payments {
  @WithSecrets()
  charge(amount: number, @InjectSecret('KEY') key?: unknown): unknown[] {
    return [amount, key];
  }

  @WithSecrets()
  test(amount: number, @InjectSecret('KEY', { given: true }) key?: unknown): unknown[] {
    return [amount, key];
  }

  @WithSecrets()
  async later(@InjectSecret('KEY') key?: unknown): Promise<unknown> {
    return key;
  }
}

@Controller()
class Messages {
  @MessagePattern('first')
  @WithSecrets()
  first(@InjectSecret('KEY') key?: unknown): unknown {
    return { key };
  }

  @WithSecrets()
  @MessagePattern('second')
  second(data: unknown, @InjectSecret('KEY') key?: unknown): unknown {
    return { data, key };
  }
}

/** A transport within the process: a message is a call. */
class InMemory extends Server implements CustomTransportStrategy {
  listen(done: () => void): void {
    done();
  }
  close(): void {}
  on(): void {}
  unwrap<T>(): T {
    return undefined as T;
  }
  async deliver(pattern: string, data: unknown): Promise<unknown> {
    const answer = this.transformToObservable(await this.getHandlerByPattern(pattern)!(data));
    return new Promise((resolve, reject) => answer.subscribe({ next: resolve, error: reject }));
  }
}

export const rows = [
  row(
    'given a caller that gives something in the place of a secret, when it calls, then the method gets the secret',
    async () => {
      const { app, rotate } = await start({ providers: [Payments] });
      const payments = app.get(Payments);
      for (const theirs of ['theirs', null, false, { aborted: false }])
        assert.deepEqual(payments.charge(1, theirs), [1, 'key-1']);
      assert.equal(await payments.later('theirs'), 'key-1');
      await rotate({ KEY: 'key-2' });
      assert.deepEqual(payments.charge(1, 'key-1'), [1, 'key-2']);
      await app.close();
    },
  ),
  row('given `given`, when the caller gives something, then that counts; else the secret', async () => {
    const { app } = await start({ providers: [Payments] });
    const payments = app.get(Payments);
    assert.deepEqual(
      [payments.test(1, 'theirs'), payments.test(1)],
      [
        [1, 'theirs'],
        [1, 'key-1'],
      ],
    );
    await app.close();
  }),
  row(
    'given a message, when its handler has a secret in the place of the payload, then the sender does not choose it',
    async () => {
      const { app, rotate } = await start({ controllers: [Messages] });
      const strategy = new InMemory();
      const service = app.createNestMicroservice({ strategy });
      await service.listen();
      const evil = { key: 'from the sender' };
      assert.deepEqual(await strategy.deliver('first', evil), { key: 'key-1' });
      await rotate({ KEY: 'key-2' });
      assert.deepEqual(await strategy.deliver('second', evil), { data: evil, key: 'key-2' });
      await service.close();
    },
  ),
  row(
    'given an instance behind a Proxy, or one that inherits from it, when a method is called there, then it is filled',
    async () => {
      const { app } = await start({ providers: [Payments] });
      const payments = app.get(Payments);
      const instrumented = new Proxy(payments, {});
      assert.deepEqual(instrumented.charge(1), [1, 'key-1']);
      assert.deepEqual((Object.create(payments) as Payments).charge(1), [1, 'key-1']);
      assert.deepEqual((Object.create(instrumented) as Payments).charge(1), [1, 'key-1']);
      await app.close();
    },
  ),
];
