// Google's own Node client, as a witness of the emulator: does its calls, and prints what it saw as one line of JSON.
//   node witness.mjs FOLDER ENDPOINT PARENT MODE   (FOLDER is where @google-cloud/secret-manager is installed)
import { Buffer } from 'node:buffer';
import { createRequire } from 'node:module';

const [, , folder, endpoint, parent, mode] = process.argv;
const require = createRequire(`${folder}/index.js`);
const { SecretManagerServiceClient } = require('@google-cloud/secret-manager');
const { GoogleAuth, PassThroughClient } = require('google-auth-library');

const { hostname, port } = new URL(endpoint);
const client = new SecretManagerServiceClient({
  fallback: true,
  protocol: 'http',
  apiEndpoint: hostname,
  port: Number(port),
  ...(mode === 'anonymous' && { auth: new GoogleAuth({ authClient: new PassThroughClient() }) }),
});

const last = ({ name }) => name.split('/').at(-1);
const secret = `${parent}/secrets/witness`;
const access = async (version) => {
  const [answer] = await client.accessSecretVersion({ name: `${secret}/versions/${version}` });
  return [last(answer), Buffer.from(answer.payload.data).toString(), answer.payload.dataCrc32c !== undefined];
};
const failure = async (call) => {
  try {
    await call();
  } catch (error) {
    return [error.code, error.details ?? error.message];
  }
  return 'none';
};

if (mode !== 'anonymous') {
  console.log(JSON.stringify({ latest: await access('latest') }));
  process.exit(0);
}

const seen = {};
const made = parent.includes('/locations/') ? {} : { replication: { automatic: {} } };
const [created] = await client.createSecret({
  parent,
  secretId: 'witness',
  secret: { ...made, labels: { env: 'prod' } },
});
seen.created = [last(created), created.labels];
seen.again = (await failure(() => client.createSecret({ parent, secretId: 'witness', secret: made })))[0];
seen.empty = await failure(() => access('latest'));
const [first] = await client.addSecretVersion({ parent: secret, payload: { data: Buffer.from('first') } });
seen.first = [last(first), first.state];
await client.addSecretVersion({ parent: secret, payload: { data: Buffer.from('zwölf') } });
const wrong = { data: Buffer.from('x'), dataCrc32c: 1 };
seen['wrong checksum'] = (await failure(() => client.addSecretVersion({ parent: secret, payload: wrong })))[0];
seen.latest = await access('latest');
await client.updateSecret({
  secret: { name: secret, versionAliases: { stable: 1 } },
  updateMask: { paths: ['version_aliases'] },
});
seen.alias = await access('stable');
await client.createSecret({ parent, secretId: 'other', secret: made });
const [listed] = await client.listSecrets({ parent, pageSize: 1 });
seen.listed = listed.map(last);
const [filtered] = await client.listSecrets({ parent, filter: 'name:witn AND labels.env=prod' });
seen.filtered = filtered.map(last);
await client.disableSecretVersion({ name: `${secret}/versions/2` });
seen.disabled = await failure(() => access('latest'));
const [enabled] = await client.listSecretVersions({ parent: secret, filter: 'state:ENABLED' });
seen.enabled = enabled.map(last);
seen['wrong etag'] = (
  await failure(() => client.enableSecretVersion({ name: `${secret}/versions/2`, etag: '"wrong"' }))
)[0];
await client.destroySecretVersion({ name: `${secret}/versions/2` });
seen.destroyed = await failure(() => access('2'));
seen.missing = await failure(() => client.accessSecretVersion({ name: `${parent}/secrets/none/versions/latest` }));
await client.deleteSecret({ name: `${parent}/secrets/other` });
await client.deleteSecret({ name: secret });
const [left] = await client.listSecrets({ parent });
seen.left = left.map(last);
console.log(JSON.stringify(seen));
