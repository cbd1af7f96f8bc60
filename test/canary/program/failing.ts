// Starts that fail: each with the one error that Nest logs or throws.
import type { Type } from '@nestjs/common';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { HcpVaultModuleOptions } from 'nestjs-hcp-vault';
import { HcpVaultModule, hcpVaultSecrets, InjectSecret, InjectSecretField, memorySource } from 'nestjs-hcp-vault';
import { HcpVaultSecretsEmulator } from 'nestjs-hcp-vault/testing';
import { z } from 'zod';
import { canaries, seed } from './canaries.js';
import { failing } from './witness.js';

@Injectable()
class Demanding {
  constructor(
    @InjectSecret('API_KEY') readonly key: string,
    @InjectSecret('MISSING') readonly missing: string,
    @InjectSecretField('DB', 'nope') readonly field: string,
  ) {}
}

/** zod quotes what it refuses; so may its messages. */
const schema = {
  API_KEY: z.string().refine(() => false, { error: (issue) => `not a key: ${String(issue.input)}` }),
  DB: z.string().transform((text) => JSON.parse(`broken ${text}`) as unknown),
};

function moduleWith(options: HcpVaultModuleOptions): Type {
  @Module({ imports: [HcpVaultModule.forRoot({ bootstrapTimeout: 50, ...options })], providers: [Demanding] })
  class FailingModule {}
  return FailingModule;
}

const values = { API_KEY: canaries.first, DB: JSON.stringify({ user: canaries.user }) };

/** With Nest's default, `abortOnError`: it logs the error and ends the process. */
export async function abort(): Promise<void> {
  await NestFactory.create(moduleWith({ source: memorySource(values), schema, required: ['MORE'] }));
}

export async function failStarts(): Promise<void> {
  const start = (options: HcpVaultModuleOptions) => async () => {
    await NestFactory.createApplicationContext(moduleWith(options), { abortOnError: false });
  };
  const emulator = await HcpVaultSecretsEmulator.start(seed);
  const { apps: _apps, ...ids } = seed;
  const addresses = { apiUrl: emulator.apiUrl, authUrl: emulator.authUrl };
  const hcp = (more: object) => hcpVaultSecrets({ ...ids, appName: 'web', ...addresses, ...more });

  await failing('a start with secrets that are missing', start({ source: memorySource(values) }));
  await failing('a start with values that the schema refuses', start({ source: memorySource(values), schema }));
  await failing('a start with a wrong client secret', start({ source: hcp({ clientSecret: canaries.password }) }));
  await failing('a start with another app', start({ source: hcp({ appName: 'other' }) }));
  emulator.fail({ status: 503 });
  await failing('a start with a source that is down', start({ source: hcp({}) }));
  await emulator.stop();
  await failing('a start with nothing there', start({ source: hcp({}) }));
  await failing('a start with a cache hook that throws', () =>
    start({
      source: memorySource(values),
      cache: {
        hook: {
          put: (_name: string, value: unknown) => {
            throw new Error(`cannot encrypt ${String(value)}`);
          },
        },
      },
    })(),
  );
  const broken = memorySource(values);
  broken.fail(
    Object.assign(new Error(`refused ${canaries.clientSecret}`), {
      config: { auth: canaries.password },
      response: { body: canaries.inBody },
    }),
  );
  await failing('a start with a source whose own error tells all', start({ source: broken }));
  await failing('credentials without a project', () =>
    hcpVaultSecrets({ clientId: 'id', clientSecret: canaries.clientSecret }),
  );
  await failing('a URL with a password in it', () => hcp({ apiUrl: `ftp://user:${canaries.password}@host` }));
  await failing('http to another host', () => hcp({ apiUrl: `http://user:${canaries.password}@example.test` }));
  await failing('a seed that cannot be used', () =>
    HcpVaultSecretsEmulator.start({ apps: { web: { KEY: { type: canaries.first } as never } } }),
  );
  await failing('a timeout that is none', start({ source: memorySource(values), timeout: canaries.first }));
}
