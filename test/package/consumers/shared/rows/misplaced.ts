import assert from 'node:assert/strict';
import { Injectable } from '@nestjs/common';
import { InjectSecret, OnSecretRotated, WithSecrets } from 'nestjs-hcp-vault';
import { failure, start } from './apps.js';
import { row } from './row.js';

/** A decorator as Babel calls it with its legacy decorators: with a descriptor of the property. */
type AsBabel = (target: object, key: string, descriptor?: PropertyDescriptor & { initializer?: unknown }) => unknown;

const misplaced = (title: string, decorate: () => unknown, text: RegExp) =>
  row(`given ${title}, when the class is declared, then the error tells that`, async () => {
    const error = await failure(decorate);
    assert.equal(error.code, 'SECRET_CONFIGURATION');
    assert.match(error.message, text);
    assert.doesNotMatch(error.message, /parameter of the method/);
  });

export const rows = [
  row(
    'given Babel and its legacy decorators, when a class is made, then its properties have their secrets, and the current ones',
    async () => {
      class Compiled {
        declare readonly key: string;
      }
      const descriptor = { configurable: true, enumerable: true, writable: true, initializer: null };
      (InjectSecret('KEY') as AsBabel)(Compiled.prototype, 'key', descriptor);
      Injectable()(Compiled);
      const { app, rotate } = await start({ providers: [Compiled] });
      assert.equal(app.get(Compiled).key, 'key-1');
      await rotate({ KEY: 'key-2' });
      assert.equal(app.get(Compiled).key, 'key-2');
      await app.close();
    },
  ),
  misplaced(
    'InjectSecret on a method',
    () => {
      class Wrong {
        method(): void {}
      }
      const descriptor = Object.getOwnPropertyDescriptor(Wrong.prototype, 'method')!;
      (InjectSecret('KEY') as AsBabel)(Wrong.prototype, 'method', descriptor);
    },
    /method/,
  ),
  misplaced(
    'InjectSecret on a setter',
    () => {
      class Wrong {
        set value(_: string) {}
      }
      const descriptor = Object.getOwnPropertyDescriptor(Wrong.prototype, 'value')!;
      (InjectSecret('KEY') as AsBabel)(Wrong.prototype, 'value', descriptor);
    },
    /setter|accessor/,
  ),
  misplaced(
    'WithSecrets on a property',
    () => {
      class Wrong {}
      (WithSecrets() as AsBabel)(Wrong.prototype, 'property');
    },
    /Wrong\.property/,
  ),
  misplaced(
    'OnSecretRotated on a property',
    () => {
      class Wrong {}
      (OnSecretRotated('KEY') as AsBabel)(Wrong.prototype, 'property');
    },
    /Wrong\.property/,
  ),
];
