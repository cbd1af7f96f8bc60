import assert from 'node:assert/strict';
import { Injectable } from '@nestjs/common';
import { InjectSecret, OnSecretRotated, WithSecrets } from 'nestjs-hcp-vault';
import { failure, start } from './apps.js';
import { row } from './row.js';

@Injectable()
class Base {
  @InjectSecret('KEY') readonly key!: string;
  swaps = 0;

  @OnSecretRotated('KEY')
  swap(): void {
    this.swaps += 1;
  }

  @WithSecrets()
  charge(@InjectSecret('KEY') key?: string): unknown {
    return key;
  }
}

@Injectable()
class OtherProperty extends Base {
  @InjectSecret('OTHER') override readonly key: string = 'not injected';
}

@Injectable()
class OtherHandler extends Base {
  @OnSecretRotated('KEY')
  override swap(): void {
    super.swap();
  }
}

@Injectable()
class OtherMethod extends Base {
  @WithSecrets()
  override charge(@InjectSecret('OTHER') key?: string): unknown {
    return key;
  }
}

@Injectable()
class NeedsAbsent {
  @InjectSecret('ABSENT') readonly key!: string;
}

@Injectable()
class NeedsNothingAbsent extends NeedsAbsent {
  @InjectSecret('OTHER') override readonly key: string = 'not injected';
}

@Injectable()
class TakesAbsent {
  constructor(@InjectSecret('ABSENT') readonly key: string) {}
}

@Injectable()
class TakesOther extends TakesAbsent {
  constructor(@InjectSecret('OTHER') key: string) {
    super(key);
  }
}

@Injectable()
class TakesTwo {
  constructor(
    @InjectSecret('KEY') readonly first: string,
    @InjectSecret('ABSENT') readonly second: string,
  ) {}
}

@Injectable()
class TakesOneOfThem extends TakesTwo {
  constructor(@InjectSecret('OTHER') readonly other: string) {
    super(other, other);
  }
}

const values = { KEY: 'key-1', OTHER: 'other-1' };

export const rows = [
  row(
    'given a property that a subclass decorates anew, when secrets rotate, then it is the subclass’s, and the base keeps its own',
    async () => {
      const { app, rotate } = await start({ values, providers: [Base, OtherProperty] });
      assert.deepEqual([app.get(Base).key, app.get(OtherProperty).key], ['key-1', 'other-1']);
      await rotate({ KEY: 'key-2', OTHER: 'other-2' });
      assert.deepEqual([app.get(Base).key, app.get(OtherProperty).key], ['key-2', 'other-2']);
      await app.close();
    },
  ),
  row('given a property with a secret, when a test assigns one, then a plain value is in its place', async () => {
    const { app, rotate } = await start({ values, providers: [Base, OtherProperty] });
    const [base, other] = [app.get(Base), app.get(OtherProperty)];
    Object.assign(base, { key: 'assigned' });
    Object.assign(other, { key: 'assigned' });
    await rotate({ KEY: 'key-2', OTHER: 'other-2' });
    assert.deepEqual([base.key, other.key], ['assigned', 'assigned']);
    await app.close();
  }),
  row('given an instance that Nest did not make, when a property is assigned, then it is as any other', async () => {
    const made = Object.assign(new OtherProperty(), { key: 'assigned' });
    assert.equal(made.key, 'assigned');
  }),
  row(
    'given a subclass that decorates the place of a missing secret anew, when the app starts, then that is not required',
    async () => {
      const { app } = await start({ values, providers: [NeedsNothingAbsent, TakesOther] });
      assert.deepEqual([app.get(NeedsNothingAbsent).key, app.get(TakesOther).key], ['other-1', 'other-1']);
      await app.close();
    },
  ),
  row(
    'given a subclass with fewer parameters of its own, when the app starts, then what Nest injects beside them is required',
    async () => {
      const error = await failure(start({ values, providers: [TakesOneOfThem] }));
      assert.equal(error.code, 'SECRET_BOOTSTRAP');
      assert.match(String(error), /ABSENT/);
      assert.doesNotMatch(String(error), /SECRET_NOT_LOADED/);
      const { app } = await start({ values: { ...values, ABSENT: 'here' }, providers: [TakesOneOfThem] });
      assert.deepEqual([app.get(TakesOneOfThem).other, app.get(TakesOneOfThem).second], ['other-1', 'other-1']);
      await app.close();
    },
  ),
  row('given a handler that a subclass decorates again, when the secret rotates, then it runs once', async () => {
    const { app, rotate } = await start({ values, providers: [Base, OtherHandler, OtherProperty] });
    await rotate({ KEY: 'key-2' });
    await new Promise(setImmediate);
    assert.deepEqual(
      [Base, OtherHandler, OtherProperty].map((type) => app.get(type).swaps),
      [1, 1, 1],
    );
    await app.close();
  }),
  row(
    'given a method whose parameter a subclass decorates anew, when it is called, then it gets the subclass’s secret',
    async () => {
      const { app } = await start({ values, providers: [Base, OtherMethod] });
      assert.deepEqual([app.get(Base).charge(), app.get(OtherMethod).charge()], ['key-1', 'other-1']);
      await app.close();
    },
  ),
];
