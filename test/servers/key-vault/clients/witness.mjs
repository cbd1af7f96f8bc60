// What Microsoft's client for Node makes of the emulator, as one line of JSON: `node witness.mjs`, in a folder that has the packages.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { VAULT_URL, AUTHORITY, TENANT, CLIENT, SECRET, PACKAGES } = process.env;
const require = createRequire(join(PACKAGES, 'package.json'));
const { SecretClient } = require('@azure/keyvault-secrets');
const { ClientSecretCredential } = require('@azure/identity');

const credential = new ClientSecretCredential(TENANT, CLIENT, SECRET, {
  authorityHost: AUTHORITY,
  disableInstanceDiscovery: true,
});
const client = new SecretClient(VAULT_URL, credential, {
  disableChallengeResourceVerification: true, // on loopback no host is below the resource's
  retryOptions: { maxRetries: 0 },
});
const collected = async (pages) => {
  const found = [];
  for await (const one of pages) found.push(one);
  return found;
};
const fault = async (work) => {
  try {
    await work;
    return 'none';
  } catch (error) {
    return `${error.statusCode} ${error.code}`;
  }
};

const first = await client.setSecret('db', 'one', {
  contentType: 'text/plain',
  tags: { team: 'shop' },
  expiresOn: new Date('2031-01-02T03:04:05Z'),
});
const second = await client.setSecret('db', 'two');
const before = await client.getSecret('DB', { version: first.properties.version });
const current = await client.getSecret('db');
for (let index = 0; index < 30; index += 1) await client.setSecret(`s-${index}`, `${index}`);
const listed = await collected(client.listPropertiesOfSecrets());
const versions = await collected(client.listPropertiesOfSecretVersions('db'));
await client.updateSecretProperties('db', second.properties.version, { enabled: false });
const disabled = await fault(client.getSecret('db'));
await client.updateSecretProperties('db', second.properties.version, { enabled: true, tags: { team: 'two' } });
const changed = await client.getSecret('db');
await (await client.beginDeleteSecret('db', { intervalInMs: 10 })).pollUntilDone();
const gone = await fault(client.getSecret('db'));
const reused = await fault(client.setSecret('db', 'three'));
const deleted = (await collected(client.listDeletedSecrets())).map(({ name }) => name);
await (await client.beginRecoverDeletedSecret('db', { intervalInMs: 10 })).pollUntilDone();
const recovered = (await client.getSecret('db')).value;
await (await client.beginDeleteSecret('db', { intervalInMs: 10 })).pollUntilDone();
await client.purgeDeletedSecret('db');
const purged = (await collected(client.listDeletedSecrets())).length;

console.log(
  JSON.stringify({
    before: [before.value, before.properties.contentType, before.properties.tags, before.properties.expiresOn.getTime() / 1000],
    current: [current.value, current.properties.version === second.properties.version, current.properties.enabled],
    listed: listed.length,
    versions: versions.length,
    disabled,
    changed: changed.properties.tags,
    gone,
    reused,
    deleted,
    recovered,
    purged,
    missing: await fault(client.getSecret('nothing')),
  }),
); // prettier-ignore
