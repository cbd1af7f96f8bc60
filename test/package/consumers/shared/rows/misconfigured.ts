import assert from 'node:assert/strict';
import { Injectable } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import {
  HcpVaultModule,
  InjectSecret,
  InjectSecretRef,
  memorySource,
  registerSecrets,
  WithSecrets,
} from 'nestjs-hcp-vault';
import { failure, start, unit } from './apps.js';
import { row } from './row.js';

@Injectable()
class Parameter {
  constructor(@InjectSecret('KEY', { connection: 'billing' }) readonly key: string) {}
}

@Injectable()
class Property {
  @InjectSecret('KEY', { connection: 'billing' }) readonly invoices!: string;
}

@Injectable()
class Handle {
  constructor(@InjectSecretRef('KEY', { connection: 'billing' }) readonly ref: unknown) {}
}

@Injectable()
class Method {
  @WithSecrets()
  charge(@InjectSecret('KEY', { connection: 'billing' }) key?: string): unknown {
    return key;
  }
}

@Injectable()
class Plain {
  constructor(@InjectSecret('KEY') readonly key: string) {}
}

@Injectable()
class PlainMethod {
  @WithSecrets()
  charge(@InjectSecret('KEY') key?: string): unknown {
    return key;
  }
}

const connections = () => [HcpVaultModule.forRoot({ connection: 'orders', source: memorySource({}) })];

const unknown = (title: string, type: new (...parameters: never[]) => object, member: string) =>
  row(
    `given ${title} of a connection that is not configured, when the app starts, then the error names class, member, connection and those that there are`,
    async () => {
      const error = await failure(start({ providers: [type], imports: connections() }));
      assert.equal(error.code, 'SECRET_CONFIGURATION', error.message);
      for (const name of [type.name, member, 'billing', 'default', 'orders'])
        assert.ok(error.message.includes(name), error.message);
    },
  );

export const rows = [
  unknown('a parameter', Parameter, 'constructor'),
  unknown('a property', Property, 'invoices'),
  unknown('a ref', Handle, 'constructor'),
  unknown('a method', Method, 'charge'),
  row(
    'given no module at all, when a class with a secret is made, then the text of Nest names secret and package',
    async () => {
      const error = await failure(unit(Plain));
      for (const part of ['Plain', 'KEY', 'HcpVault']) assert.ok(error.message.includes(part), error.message);
    },
  ),
  row(
    'given no module at all, when a method with a secret is called, then the error says what is missing',
    async () => {
      const app = await unit(PlainMethod);
      const error = await failure(() => app.get(PlainMethod).charge());
      assert.equal(error.code, 'SECRET_CONFIGURATION');
      assert.match(error.message, /PlainMethod\.charge/);
      assert.match(error.message, /does not configure this connection|HcpVaultModule/);
    },
  ),
  row(
    'given a view of a connection that is not there, when the app starts, then it fails and names the connection',
    async () => {
      const load = [registerSecrets('views', { connection: 'gone' })];
      const error = await failure(start({ imports: [ConfigModule.forRoot({ ignoreEnvFile: true, load })] }));
      assert.equal(error.code, 'SECRET_CONFIGURATION', error.message);
      assert.match(error.message, /gone/);
    },
  ),
];
