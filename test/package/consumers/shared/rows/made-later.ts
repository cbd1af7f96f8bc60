import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Injectable, Module, Scope } from '@nestjs/common';
import { ContextIdFactory, LazyModuleLoader, ModuleRef, ModulesContainer } from '@nestjs/core';
import { HcpVaultClient, InjectSecret, InjectSecretRef } from 'nestjs-hcp-vault';
import type { SecretRef } from 'nestjs-hcp-vault';
import { failure, start } from './apps.js';
import { row } from './row.js';

class Places {
  @InjectSecret('KEY') readonly key!: string;
  constructor(
    @InjectSecret('KEY') readonly snapshot: string,
    @InjectSecretRef('KEY') readonly ref: SecretRef<string>,
  ) {}
}
const seen = ({ key, snapshot, ref }: Places) => [key, snapshot, ref.value];
const state = (n: number, atConstruction = n) => [`key-${n}`, `key-${atConstruction}`, `key-${n}`];

@Injectable()
class Single extends Places {}
@Injectable({ scope: Scope.TRANSIENT })
class Transient extends Places {}
@Injectable({ scope: Scope.REQUEST })
class OfRequest extends Places {}
@Injectable({ scope: Scope.REQUEST, durable: true })
class Durable extends Places {}

/** Keeps nothing of what it gets, so that only Nest itself could. */
@Injectable()
class Forgetful {
  @InjectSecret('KEY') readonly key!: string;
  constructor(@InjectSecret('KEY') key: string) {
    assert.ok(key);
  }
}

export const rows = [
  row('given classes of each scope, when a secret rotates twice, then new and old instances are current', async () => {
    const { app, rotate } = await start({ providers: [Single, Transient, OfRequest, Durable] });
    const tenant = ContextIdFactory.create();
    const made = async () => [
      await app.resolve(Transient),
      await app.resolve(OfRequest, ContextIdFactory.create()),
      await app.resolve(OfRequest),
    ];
    const [first, durable, single] = [await made(), await app.resolve(Durable, tenant), app.get(Single)];
    for (const n of [2, 3]) {
      await rotate({ KEY: `key-${n}` });
      assert.deepEqual((await made()).map(seen), [state(n), state(n), state(n)]);
      assert.deepEqual([...first, durable, single].map(seen), Array(5).fill(state(n, 1)));
      assert.deepEqual(seen(await app.resolve(Durable, tenant)), state(n, 1));
      assert.deepEqual(seen(await app.resolve(Durable, ContextIdFactory.create())), state(n));
    }
    await app.close();
  }),
  row(
    'given classes that no module has, when moduleRef.create makes them, then they have their secrets, and the current ones',
    async () => {
      @Injectable({ scope: Scope.TRANSIENT })
      class Unlisted {
        @InjectSecret('UNLISTED') readonly key!: string;
        constructor(@InjectSecret('UNLISTED') readonly snapshot: string) {}
      }
      const { app, rotate } = await start({ values: { KEY: 'key-1', UNLISTED: 'one' }, providers: [Single] });
      const modules = app.get(ModuleRef);
      const first = await modules.create(Unlisted);
      assert.deepEqual([first.key, first.snapshot], ['one', 'one']);
      await rotate({ UNLISTED: 'two', KEY: 'key-2' });
      const second = await modules.create(Unlisted);
      assert.deepEqual([first.key, second.key, second.snapshot], ['two', 'two', 'two']);
      for (const type of [Single, Transient]) assert.deepEqual(seen(await modules.create(type)), state(2));
      await app.close();
    },
  ),
  row(
    'given a constructor that makes others by moduleRef.create, when the app starts, then those have their secrets',
    async () => {
      @Injectable()
      class Made {
        constructor(@InjectSecret('MADE_EARLY') readonly key: string) {}
      }
      @Injectable()
      class Maker {
        readonly made: Promise<Made>;
        constructor(modules: ModuleRef) {
          this.made = modules.create(Made);
          this.made.catch(() => undefined);
        }
      }
      const { app } = await start({ values: { MADE_EARLY: 'early' }, providers: [Maker] });
      assert.equal((await app.get(Maker).made).key, 'early');
      await app.close();
    },
  ),
  row(
    'given a module that is loaded later, when its classes are made, then they have their secrets, and the current ones',
    async () => {
      const { app, rotate } = await start({ values: { LAZY: 'lazy-1' } });
      const load = async () => {
        @Injectable()
        class LazyService {
          @InjectSecret('LAZY') readonly key!: string;
          constructor(@InjectSecret('LAZY') readonly snapshot: string) {}
        }
        @Module({ providers: [LazyService] })
        class LazyModule {}
        return (await app.get(LazyModuleLoader).load(() => LazyModule)).get(LazyService);
      };
      const first = await load();
      assert.deepEqual([first.key, first.snapshot], ['lazy-1', 'lazy-1']);
      for (const value of ['lazy-2', 'lazy-3']) {
        await rotate({ LAZY: value });
        const next = await load();
        assert.deepEqual([first.key, next.key, next.snapshot], [value, value, value]);
      }
      await app.close();
    },
  ),
  row(
    'given a secret that is missing, when a class is made later, then it fails each time, until the secret is there',
    async () => {
      @Injectable()
      class Later {
        constructor(@InjectSecret('NOT_YET') readonly key: string) {}
      }
      const { app, source } = await start({ values: {} });
      const modules = app.get(ModuleRef);
      for (let i = 0; i < 3; i += 1) assert.equal((await failure(modules.create(Later))).code, 'SECRET_NOT_FOUND');
      source.rotate('NOT_YET', 'here');
      await app.get(HcpVaultClient).fetch('NOT_YET', { forceRefresh: true });
      assert.equal((await modules.create(Later)).key, 'here');
      await app.close();
    },
  ),
  row(
    'given instances of each kind, when a secret rotates twice, then the container of Nest keeps no old value',
    async () => {
      @Injectable()
      class Unlisted extends Forgetful {}
      @Injectable({ scope: Scope.REQUEST })
      class Request extends Forgetful {}
      @Injectable({ scope: Scope.TRANSIENT })
      class Fleeting extends Forgetful {}
      const control = { provide: 'CONTROL', useValue: 'a plain value' };
      const { app, rotate } = await start({ providers: [Forgetful, Request, Fleeting, control] });
      const make = async () => {
        await app.get(ModuleRef).create(Unlisted);
        await app.resolve(Request);
        await app.resolve(Fleeting);
      };
      for (const n of [2, 3]) {
        await make();
        await rotate({ KEY: `key-${n}` });
      }
      await make();
      const text = inspect(app.get(ModulesContainer), { showHidden: true, depth: 12, maxArrayLength: null });
      assert.ok(text.includes('a plain value'));
      assert.deepEqual(text.match(/key-[12]/g) ?? [], []);
      await app.close();
    },
  ),
  row('given two apps in a process that share a class, when each starts, then each has its own secrets', async () => {
    const [one, two] = [
      await start({ providers: [Single] }),
      await start({ values: { KEY: 'key-2' }, providers: [Single] }),
    ];
    const without = await start({ values: {} });
    assert.deepEqual(
      [one, two].map(({ app }) => seen(app.get(Single))),
      [state(1), state(2)],
    );
    await two.rotate({ KEY: 'key-3' });
    assert.deepEqual(
      [one, two].map(({ app }) => app.get(Single).key),
      ['key-1', 'key-3'],
    );
    await two.app.close();
    await one.rotate({ KEY: 'key-4' });
    assert.equal(one.app.get(Single).key, 'key-4');
    await Promise.all([one.app.close(), without.app.close()]);
  }),
];
