import assert from 'node:assert/strict';
import { Injectable } from '@nestjs/common';
import {
  getSecretRefToken,
  getSecretToken,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
  OnSecretRotated,
  WithSecrets,
} from 'nestjs-hcp-vault';
import { unit } from './apps.js';
import { row } from './row.js';

const given = (token: string, useValue: unknown) => ({ provide: token, useValue });

@Injectable()
class Property {
  @InjectSecret('KEY') readonly key!: string;
  @InjectSecretField('DB', 'user') readonly user!: string;
}

@Injectable()
class Parameter {
  constructor(
    @InjectSecret('KEY') readonly key: string,
    @InjectSecretField('DB', 'user') readonly user: string,
  ) {}
}

@Injectable()
class Method {
  @WithSecrets()
  charge(amount: number, @InjectSecret('KEY') key?: string, @InjectSecretField('DB', 'user') user?: string): unknown[] {
    return [amount, key, user];
  }
}

@Injectable()
class Handler {
  @InjectSecret('KEY') readonly key!: string;

  @OnSecretRotated('KEY')
  swap(): void {}
}

@Injectable()
class OnlyHandler {
  @OnSecretRotated('KEY')
  swap(): void {}
}

@Injectable()
class Defaults {
  @InjectSecret('KEY', { default: 'default' }) readonly key!: string;

  @WithSecrets()
  charge(@InjectSecret('KEY', { default: 'default' }) key?: string): unknown {
    return key;
  }
}

@Injectable()
class DefaultParameter {
  constructor(@InjectSecret('KEY', { default: 'default' }) readonly key: string) {}
}

@Injectable()
class Handle {
  constructor(@InjectSecretRef('KEY') readonly ref: { readonly value: string }) {}
}

const key = given(getSecretToken('KEY'), 'given');
const user = given(getSecretToken('DB', { field: 'user' }), 'root');
const optional = getSecretToken('KEY', { optional: true });

export const rows = [
  row('given the tokens of values alone, when a class with properties is made, then they have them', async () => {
    const made = (await unit(Property, key, user)).get(Property);
    assert.deepEqual([made.key, made.user], ['given', 'root']);
  }),
  row('given the tokens of values alone, when a class with parameters is made, then it gets them', async () => {
    const made = (await unit(Parameter, key, user)).get(Parameter);
    assert.deepEqual([made.key, made.user], ['given', 'root']);
  }),
  row('given the tokens of values alone, when a method is called, then it gets them', async () => {
    const made = (await unit(Method, key, user)).get(Method);
    assert.deepEqual(made.charge(1), [1, 'given', 'root']);
  }),
  row('given the token of a value alone, when a class with a handler is made, then it is as any other', async () => {
    assert.equal((await unit(Handler, key)).get(Handler).key, 'given');
  }),
  row('given no token at all, when a class with nothing but a handler is made, then it is as any other', async () => {
    assert.ok((await unit(OnlyHandler)).get(OnlyHandler) instanceof OnlyHandler);
  }),
  row(
    'given the token of an optional value alone, when a class with defaults is made, then property and method have the value',
    async () => {
      const made = (await unit(Defaults, given(optional, 'given'))).get(Defaults);
      assert.deepEqual([made.key, made.charge()], ['given', 'given']);
    },
  ),
  row(
    'given the token with the same default, when a class with a parameter is made, then it gets the value',
    async () => {
      const token = getSecretToken('KEY', { default: 'default' });
      assert.equal((await unit(DefaultParameter, given(token, 'given'))).get(DefaultParameter).key, 'given');
    },
  ),
  row('given the token of a ref alone, when a class is made, then it has what the test gave', async () => {
    const made = (await unit(Handle, given(getSecretRefToken('KEY'), { value: 'given' }))).get(Handle);
    assert.equal(made.ref.value, 'given');
  }),
];
