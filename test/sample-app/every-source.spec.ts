import { inspect } from 'node:util';
import type { INestApplication } from '@nestjs/common';
import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { HcpVaultModuleOptions, RefreshReport, Rotating, SecretRotatedEvent } from 'nestjs-hcp-vault';
import { HcpVaultClient, OnSecretRotated, rotatingProvider } from 'nestjs-hcp-vault';
import { AppModule } from '../../sample-app/app.module.js';
import { Backend as BackendOfTheApp } from '../../sample-app/backend/backend.js';
import type { Overview } from '../../sample-app/page/secrets.overview.js';
import type { Recipe } from '../../sample-app/recipes/recipe.js';
import { RECIPES } from '../../sample-app/recipes/recipes.module.js';
import { describeWith } from '../servers/available.js';
import { CapturedLogger } from '../support/captured-logger.js';
import { parameterStore, secretsManager } from './backends/aws.js';
import { azure } from './backends/azure.js';
import type { Backend } from './backends/backend.js';
import { SECRETS } from './backends/backend.js';
import { file } from './backends/file.js';
import { google } from './backends/google.js';
import { hcp } from './backends/hcp.js';
import { kubernetes } from './backends/kubernetes.js';
import { dedicated, hashiCorpVault, openBao } from './backends/vault.js';

interface Login {
  readonly values: { readonly username: string; readonly password: string };
}

/** What the sample app has not: a handler, and a resource that is swapped. */
@Injectable()
class Listener {
  readonly heard: (string | undefined)[][] = [];

  @OnSecretRotated('DATABASE')
  swapped({ previous, current }: SecretRotatedEvent<Login>): void {
    this.heard.push([previous?.values.username, current.values.username]);
  }
}

interface Pool {
  readonly user: string;
  isOpen: boolean;
}

@Module({
  providers: [
    Listener,
    rotatingProvider({
      provide: 'POOL',
      secret: 'DATABASE',
      create: (login) => Promise.resolve<Pool>({ user: (login as Login).values.username, isOpen: true }),
      dispose: (pool: Pool) => void (pool.isOpen = false),
      drain: '1s',
    }),
  ],
})
class MoreOfTheApp {}

/** The sample app as it is, served; nothing but the expression of the source is another one. */
async function served({ source }: Backend) {
  const secretOptions = (): HcpVaultModuleOptions => ({
    source,
    cache: { maxAge: '1s' },
    retry: { base: '100ms', max: '500ms' },
    timeout: '3s',
  });
  const logger = new CapturedLogger();
  const module = await Test.createTestingModule({ imports: [AppModule, MoreOfTheApp] })
    .overrideProvider(BackendOfTheApp)
    .useValue({ description: 'elsewhere', secretOptions, rotate: () => undefined })
    .setLogger(logger)
    .compile();
  const app: INestApplication = module.createNestApplication({ forceCloseConnections: true });
  await app.listen(0, '127.0.0.1');
  const recipes = app.get<Recipe[]>(RECIPES);
  return {
    app,
    logger,
    client: app.get(HcpVaultClient),
    listener: app.get(Listener),
    pool: app.get<Rotating<Pool>>('POOL'),
    url: await app.getUrl(),
    /** What each place of the app holds now, by its title. */
    places: (): Record<string, unknown> => Object.fromEntries(recipes.map((one) => [one.title, one.value()])),
  };
}

/** Asks until it holds; the time-out of the test is the bound. */
async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`not so within 20 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

const KINDS = [
  hcp,
  openBao,
  hashiCorpVault,
  dedicated,
  secretsManager,
  parameterStore,
  kubernetes,
  google,
  azure,
  file,
];

for (const kind of KINDS) {
  describeWith(kind.needs, `life after HCP Vault Secrets: the sample app on ${kind.title}`, () => {
    let backend: Backend;

    beforeAll(async () => void (backend = await kind.start()), 120_000);
    afterAll(() => backend?.stop());

    it('given the secrets of the app there, when it lives through rotations, a write, an outage and its end, then all is as it was on HCP', async () => {
      const { app, client, listener, logger, places, pool, url } = await served(backend);
      const overview = async (): Promise<Overview> => (await fetch(`${url}/secrets`)).json() as Promise<Overview>;
      let last: Pool | undefined;
      const canary = (text: string) => `canary-${text}-of-${kind.title.length}`;
      try {
        // Injected everywhere, field paths of HCP's shape included.
        const first = await overview();
        expect(first.secrets.map(({ name }) => name).sort()).toEqual(Object.keys(SECRETS).sort());
        expect(first.places.map(({ title, current }) => [title, current])).toEqual(first.places.map(({ title }) => [title, true])); // prettier-ignore
        const issued = client.get<string>('AWS', { field: 'values.access_key_id' });
        expect(issued).toEqual(expect.any(String));
        expect(places()).toEqual({
          'Constructor parameter': 'canary-stripe-key-number-1',
          Property: 'canary-stripe-key-number-1',
          'Field of a dynamic secret': issued,
          'Method parameter': 'canary-stripe-key-number-1',
          Handle: 'canary-signing-key-number-1',
          ConfigService: 'canary-signing-key-number-1',
          'Config namespace': 'canary-mail-token-number-1',
          'Field through ConfigService': 'canary-database-password-1',
          Client: 'canary-app-1',
        });
        expect(client.get('PIN')).toBe('4711');
        expect(client.get('AWS', { field: 'values.secret_access_key' })).toEqual(expect.any(String));
        const lease = client.status().find(({ name }) => name === 'AWS')?.lease;
        expect(lease !== undefined).toBe(backend.isIssuing);

        // Somebody rotates at the backend: the app sees it live, in every place but the snapshot.
        const before = pool.current;
        const database = { values: { username: canary('app'), password: canary('password') } };
        await backend.rotate('STRIPE_KEY', canary('stripe'));
        await backend.rotate('SIGNING_KEY', canary('signing'));
        await backend.rotate('DATABASE', database);
        await until('the rotations are in', () => {
          const { Property, Handle, Client } = places();
          return Property === canary('stripe') && Handle === canary('signing') && Client === database.values.username;
        });
        expect(places()).toMatchObject({
          'Constructor parameter': 'canary-stripe-key-number-1',
          'Method parameter': canary('stripe'),
          ConfigService: canary('signing'),
          'Field through ConfigService': database.values.password,
          'Field of a dynamic secret': issued,
        });
        await until('the handler was called, and the pool swapped', () => listener.heard.length > 0 && pool.current.user === database.values.username); // prettier-ignore
        expect(listener.heard).toEqual([['canary-app-1', database.values.username]]);
        await until('the old pool is closed', () => !before.isOpen);
        expect((await overview()).rotations).toBe(3);

        // The app writes.
        const writing = client.update('MAIL_TOKEN', canary('mail'));
        if (backend.isReadOnly) {
          await expect(writing).rejects.toMatchObject({ code: 'SECRET_SOURCE_READ_ONLY', secretName: 'MAIL_TOKEN' });
        } else {
          await writing;
          expect(places()['Config namespace']).toBe(canary('mail'));
          expect(await backend.stored('MAIL_TOKEN')).toBe(canary('mail'));
          // What lies beside it is left alone.
          expect(await backend.stored('PIN')).toBe('4711');
        }

        // Nobody can reach it: values stay, it is told, and it heals by itself.
        const held = places();
        await backend.cut();
        // What a source knows by a watch it may tell until it has noticed.
        let failed: RefreshReport['failed'] = [];
        await until('the outage is noticed', async () => {
          const report = await client.refresh('STRIPE_KEY');
          expect(report.changed).toEqual([]);
          failed = report.failed;
          return failed.length > 0;
        });
        expect(failed).toMatchObject([{ name: 'STRIPE_KEY', error: { code: 'SECRET_SOURCE_UNAVAILABLE' } }]);
        expect(places()).toEqual(held);
        expect((await overview()).secrets.find(({ name }) => name === 'STRIPE_KEY')).toMatchObject({ error: 'SECRET_SOURCE_UNAVAILABLE' }); // prettier-ignore
        await backend.restore();
        await backend.rotate('STRIPE_KEY', canary('stripe-again'));
        await until('it has healed by itself', () => places()['Property'] === canary('stripe-again'));
        await until('no error is left', async () =>
          (await overview()).secrets.every(({ error }) => error === undefined),
        );
        expect(client.get('AWS', { field: 'values.access_key_id' })).toBe(issued);
        expect(listener.heard).toHaveLength(1);

        const shown = `${JSON.stringify(await overview())} ${await (await fetch(url)).text()} ${logger.text} ${inspect([client, client.status()], { depth: 8 })}`;
        expect(shown).not.toMatch(/canary-(?:stripe|signing|mail|app|database|password|secret|access)/);
        last = pool.current;
      } finally {
        await app.close();
      }
      await until('its connections are closed', () => backend.open() === 0);
      await expect(fetch(url)).rejects.toThrow();
      expect(last?.isOpen).toBe(false);
    }, 90_000);
  });
}
