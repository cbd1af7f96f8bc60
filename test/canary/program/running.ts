// An app that runs: everything that it holds is printed, and everything that can go wrong goes wrong.
import { ConfigService } from '@nestjs/config';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import type { SecretRotatedEvent, SecretSource } from 'nestjs-hcp-vault';
import { getSecretSourceToken, HcpVaultClient, HcpVaultModule, SecretRef } from 'nestjs-hcp-vault';
import { HcpVaultSecretsEmulator } from 'nestjs-hcp-vault/testing';
import type { PoolOf } from './app.js';
import { Api, appModule, Live, POOL } from './app.js';
import { canaries, rotatedDatabase, seed } from './canaries.js';
import { showCopies } from './copies.js';
import type { Answer } from './front.js';
import { startFront } from './front.js';
import { attempt, checkEnvironment, failing, show, showDeep } from './witness.js';

type Front = Awaited<ReturnType<typeof startFront>>;

const says =
  (status: number, body: string, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);

const quoted = JSON.stringify({
  code: 13,
  message: `no: ${canaries.inBody}`,
  details: [{ token: canaries.accessToken }],
});

/** What the service may answer at its worst. */
const faults: Record<string, Answer> = {
  400: says(400, quoted),
  401: says(401, quoted, { 'www-authenticate': `Bearer error="${canaries.inBody}"` }),
  403: says(403, quoted),
  404: says(404, quoted),
  429: says(429, quoted, { 'retry-after': '0' }),
  500: says(500, quoted),
  'a page of HTML': says(502, `<html>${canaries.inBody}</html>`, { 'content-type': 'text/html' }),
  'broken JSON': says(200, `{"secrets":[{"name":"API_KEY","static_version":{"value":"${canaries.inBody}"`),
  'JSON of another shape': says(
    200,
    JSON.stringify({ secrets: [{ name: canaries.inBody, type: canaries.inBody }], secret: canaries.inBody }),
  ),
  'a redirect': says(302, quoted, { location: `http://127.0.0.2:9/${canaries.inBody}?token=${canaries.accessToken}` }),
  'a cut connection': (_, response) =>
    void response.writeHead(200, { 'content-length': '999' }).write(canaries.inBody, () => response.destroy()),
};

export async function runApp(source: (url: string) => SecretSource): Promise<Record<string, unknown>> {
  const emulator = await HcpVaultSecretsEmulator.start(seed);
  const front = await startFront(emulator.apiUrl);
  const AppModule = appModule(() => source(front.url));
  show('the module', AppModule);
  show('the dynamic module', HcpVaultModule.forRoot({ source: source(front.url) }));
  const app = await NestFactory.create(AppModule, { abortOnError: false });
  await app.listen(0, '127.0.0.1');
  const client = app.get(HcpVaultClient);
  const live = app.get(Live);
  const events: SecretRotatedEvent[] = [];
  client.rotations$.subscribe((event) => events.push(event));
  const refs = [live.ref, live.fieldRef, client.ref('DB'), client.ref('DB').field('user'), client.ref('AWS')];
  const holders = () => {
    for (const ref of refs) show('a ref', ref);
    show('the client', client);
    show('the source', app.get<object>(getSecretSourceToken(), { strict: false }));
    show('the emulator', emulator);
    show('its requests', emulator.requests);
    show('an instance with live properties', live);
    show('a controller', app.get(Api));
    show('the view', live.view);
    const namespace = app.get(ConfigService).get<object>('secrets')!;
    show('the namespace', namespace);
    showCopies('the view', live.view);
    showCopies('the namespace', namespace);
    showCopies('the client', client);
    showCopies('a ref', live.ref);
    show('a rotating resource', app.get<PoolOf>(POOL));
    show('the status', client.status());
    show('the events', [...events, ...live.events]);
    show('the stream', client.rotations$);
    showDeep('the app', app);
    showDeep('the modules', app.get(ModulesContainer));
  };
  holders();

  // Secrets are where they are asked for: else nothing here would prove anything.
  const seen = {
    key: live.key,
    password: live.password,
    view: live.view['API_KEY'],
    call: live.call(),
    absent: live.absent,
  };
  await client.fetchSecrets();
  await client.list();
  await client.exists('API_KEY');
  await client.update('WRITTEN', canaries.written).catch((error: unknown) => show('an update', error));
  emulator.rotate('web', 'API_KEY', canaries.second);
  emulator.rotate('web', 'DB', rotatedDatabase);
  show('a report', await client.refresh());
  await new Promise((resolve) => setImmediate(resolve));
  const url = await app.getUrl();
  await (await fetch(url)).text();
  show('an answer to a failed request', await (await fetch(`${url}/failing`)).text());
  await failing('a method with secrets', () => live.fail());
  await failing('work that the other side refuses', () =>
    app.get<PoolOf>(POOL).use((pool) => Promise.reject(new Error('refused', { cause: pool }))),
  );
  await failing('a method on an instance that Nest did not make', () => Object.create(Live.prototype).call());
  await failing('work with a secret that stays refused', () =>
    client.withSecret('DB', (value) => Promise.reject(new Error(`refused a ${typeof value}`)), {
      rejects: () => true,
      retryFor: 0,
    }),
  );
  await client.reportRejected('API_KEY');
  holders();

  for (const [fault, answer] of Object.entries(faults)) await misbehave(front, client, fault, answer);
  emulator.expireTokens();
  show('a refresh with expired tokens', await client.refresh());
  await failing('no such secret', () => client.fetch('NOPE'));
  await failing('no such field', () => client.fetch('DB', { field: 'nope.deeper' }));
  await failing('a field of text', () => client.get('API_KEY', { field: 'a.b' }));
  await failing('a malformed path', () => client.ref('DB', { field: 'a..b' }));
  await failing('a name that was never loaded', () => client.get('NEVER'));
  await failing('a missing version', () => client.fetch('API_KEY', { version: '99' }));
  holders();
  checkEnvironment('while the app runs');
  const rotated = { key: live.key, password: live.password, events: live.events.length };
  const held = app.get(ModulesContainer).size;
  await app.close();
  holders();
  front.stop();
  await emulator.stop();
  return { seen, rotated, held, refs: refs.every((ref) => ref instanceof SecretRef), tokens: front.issued() > 1 };
}

async function misbehave(front: Front, client: HcpVaultClient, fault: string, answer: Answer): Promise<void> {
  front.answerWith(answer);
  await failing(`a forced fetch: ${fault}`, () => client.fetch('API_KEY', { forceRefresh: true }));
  await failing(`a dynamic secret: ${fault}`, () => client.fetch('AWS', { forceRefresh: true }));
  await attempt(`a list: ${fault}`, () => client.list());
  await attempt(`an update: ${fault}`, () => client.update('API_KEY', canaries.written));
  const report = await client.refresh();
  show(`a report: ${fault}`, report);
  for (const { error } of report.failed) show(`a report's error: ${fault}`, error);
  show(`the status: ${fault}`, client.status());
  front.answerWith(undefined);
}
