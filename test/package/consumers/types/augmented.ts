// What a user sees who names the types of the app’s secrets. Every line after @ts-expect-error has to be an error, and no other.
import type { HcpVaultClient, SecretRef } from 'nestjs-hcp-vault';
import { InjectSecret, InjectSecretField, InjectSecretRef } from 'nestjs-hcp-vault';

declare module 'nestjs-hcp-vault' {
  interface SecretTypes {
    DB: { user: string; hosts: { name: string; port: number }[]; tls?: { ca: string } };
    API_KEY: string;
  }
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._: Same<A, B> extends true ? [] : [never]): void {}

declare const client: HcpVaultClient;

export async function reads(): Promise<void> {
  const user = client.get('DB').user;
  same<typeof user, string>();
  const key = client.get('API_KEY');
  same<typeof key, string>();
  const port = client.get('DB', { field: 'hosts.0.port' });
  same<typeof port, number>();
  const db = await client.fetch('DB');
  same<typeof db.user, string>();
  const ref = client.ref('DB', { field: 'user' });
  same<typeof ref.value, string>();

  const name = await client.withSecret('DB', (value) => Promise.resolve(value.hosts[0]?.name));
  same<typeof name, string>();

  // @ts-expect-error a misspelt name
  client.get('DBB');
  // @ts-expect-error a misspelt name
  await client.fetch('api_key');
  // @ts-expect-error a misspelt name
  client.ref('DBB');
  // @ts-expect-error a misspelt field
  client.get('DB', { field: 'usr' });
  // @ts-expect-error values are read-only
  client.get('DB').user = 'changed';
  // @ts-expect-error and deeply so
  client.get('DB').hosts.push({ name: 'a', port: 1 });
}

export class Consumer {
  @InjectSecretField('DB', 'tls.ca') readonly ca!: string;
  @InjectSecretField('DB', 'hosts.1.name') readonly host!: string;
  // @ts-expect-error a misspelt field path
  @InjectSecretField('DB', 'tls.cert') readonly cert!: string;
  // @ts-expect-error a misspelt name
  @InjectSecretField('DBB', 'user') readonly user!: string;
  // @ts-expect-error a misspelt name
  @InjectSecret('API_KEYS') readonly keys!: string;

  constructor(
    @InjectSecret('API_KEY') readonly key: string,
    @InjectSecretRef('DB', { field: 'user' }) readonly ref: SecretRef<string>,
    // @ts-expect-error a misspelt field path
    @InjectSecretRef('DB', { field: 'usr' }) readonly wrong: SecretRef<string>,
  ) {}
}
