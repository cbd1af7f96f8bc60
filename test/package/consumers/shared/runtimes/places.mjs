// What a runtime has to do alike: run by Node, Bun and Deno, it prints what it saw as one line of JSON. Values are `canary-…` so that what gives one away is found.
import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Injectable } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import * as main from 'nestjs-hcp-vault';
import { token, vault, VaultClient } from 'nestjs-hcp-vault/vault';

const { envSource, fileSource, HcpVaultClient, HcpVaultModule, InjectSecret, InjectSecretRef, memorySource } = main;

class Places {
  constructor(parameter, ref) {
    Object.assign(this, { parameter, ref });
  }
}
InjectSecret('KEY')(Places, undefined, 0);
InjectSecretRef('KEY')(Places, undefined, 1);
InjectSecret('KEY')(Places.prototype, 'property');
Injectable()(Places);

async function withApp(source, work, { refresh, imports = [] } = {}) {
  const root = { module: class AppModule {}, imports: [...imports, HcpVaultModule.forRoot({ source, refresh })] };
  const app = await NestFactory.createApplicationContext(
    { ...root, providers: [Places] },
    { logger: false, abortOnError: false },
  );
  try {
    return await work(app, app.get(Places), app.get(HcpVaultClient));
  } finally {
    await app.close();
  }
}

// Not written out: Bun shows the lines of a program around an error.
const value = (n) => ['canary', n].join('-');
const isGivenAway = (text) => String(text).includes(['canary', ''].join('-'));

async function rotation() {
  const source = memorySource({ KEY: 'key-1' });
  return withApp(source, async (_, { parameter, ref }, client) => {
    source.rotate('KEY', 'key-2');
    const { changed } = await client.refresh();
    return { parameter, ref: ref.value, client: client.get('KEY'), changed };
  });
}

async function hiding() {
  const source = memorySource({ KEY: value(1) });
  return withApp(source, async (_, { ref }, client) => {
    const event = new Promise((resolve) => client.rotations$.subscribe(resolve));
    source.rotate('KEY', value(2));
    await client.refresh();
    const error = await client.fetch('KEY', { field: 'x' }).catch((thrown) => thrown);
    const holders = { ref, client, event: await event, source, error };
    const native = globalThis.Bun?.inspect ?? globalThis.Deno?.inspect ?? inspect;
    const ways = {
      inspect,
      'inspect, all of it': (holder) => inspect(holder, { depth: 9, showHidden: true }),
      'of the runtime': (holder) => native(holder, { depth: 9, showHidden: true }),
      json: JSON.stringify,
      text: String,
    };
    const told = Object.entries(holders).flatMap(([name, holder]) =>
      Object.entries(ways).map(([way, show]) => [`${name}: ${way}`, show(holder)]),
    );
    console.log(holders);
    console.log('%o %O %j', ref, client, ref);
    console.dir(client, { depth: 9, showHidden: true });
    console.error(error);
    return { ref: inspect(ref), given: told.filter(([, text]) => isGivenAway(text)).map(([how]) => how) };
  });
}

async function watching() {
  const folder = mkdtempSync(join(tmpdir(), 'watched-'));
  const file = join(folder, 'secrets.json');
  writeFileSync(file, '{"KEY":"key-1"}');
  return withApp(fileSource(file), async (_, places) => {
    writeFileSync(file, '{"KEY":"key-2"}');
    for (let waited = 0; places.property !== 'key-2' && waited < 5_000; waited += 20) await sleep(20);
    return places.property;
  }).finally(() => rmSync(folder, { recursive: true }));
}

async function environment() {
  process.env.APP_KEY = 'key-1';
  return withApp(envSource({ prefix: 'APP_' }), async (_, places, client) => {
    process.env.APP_KEY = 'key-2';
    await client.refresh();
    return places.property;
  });
}

async function jobs() {
  const imports = [ScheduleModule.forRoot()];
  const every = await withApp(memorySource({ KEY: 'x' }), (app) => app.get(SchedulerRegistry).getTimeouts(), {
    imports,
  });
  const cron = await withApp(
    memorySource({ KEY: 'x' }),
    (app) => [...app.get(SchedulerRegistry).getCronJobs().keys()],
    {
      imports,
      refresh: { cron: '0 * * * *' },
    },
  );
  return { every, cron };
}

/** As much of Vault as a KV document needs. */
async function http() {
  let current = 'key-1';
  const server = createServer((request, response) => {
    const { url } = request;
    if (request.headers['x-vault-token'] !== 'made-up') response.statusCode = 403;
    const data = url.startsWith('/v1/sys/internal/ui/mounts/')
      ? { type: 'kv', options: { version: '2' }, path: 'secret/' }
      : url.startsWith('/v1/secret/data/')
        ? { data: { KEY: current }, metadata: { version: Number(current.slice(-1)) } }
        : { ttl: 0, renewable: false };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ request_id: 'made-up', data }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${server.address().port}`;
  try {
    const source = vault({ address, auth: token('made-up'), kv: { document: 'app' } });
    return await withApp(source, async (_, places, client) => {
      current = 'key-2';
      await client.refresh();
      const nobody = new VaultClient({ address: 'http://127.0.0.1:1', token: 'made-up', retry: false });
      const refused = await nobody.read('secret/data/app').catch(({ name }) => name);
      return { property: places.property, refused };
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

async function missing() {
  const error = await withApp(memorySource({}), () => 'started').catch((thrown) => thrown);
  return [error.name, error instanceof main.SecretBootstrapError, error.errors?.length];
}

async function seen() {
  const all = {};
  const topics = { rotation, hiding, watching, environment, jobs, http, missing };
  for (const [name, topic] of Object.entries(topics)) {
    all[name] = await topic().catch((error) => `${error.name}: ${error.message}`);
  }
  console.log(`seen ${JSON.stringify(all)}`);
}

void seen();
