// What a user sees who names the types of the app’s secrets. Every line after @ts-expect-error has to be an error, and no other.
import type { INestApplicationContext } from '@nestjs/common';
import type { SecretName, SecretRef } from 'nestjs-hcp-vault';
import {
  configSecret,
  getClientToken,
  getSecretRefToken,
  getSecretToken,
  HcpVaultClient,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
  OnSecretRotated,
  registerSecrets,
  rotatingProvider,
  untyped,
} from 'nestjs-hcp-vault';
import type { HcpVaultTestClient } from 'nestjs-hcp-vault/testing';

declare module 'nestjs-hcp-vault' {
  interface SecretTypes {
    DB: { user: string; hosts: { name: string; port: number }[]; tls?: { ca: string } };
    API_KEY: string;
    [tenantKey: `TENANT_${string}_KEY`]: string;
  }
  interface ConnectionSecretTypes {
    reports: { KEY: string; LIMIT: { perMinute: number } };
  }
}

interface Db {
  user: string;
  hosts: { name: string; port: number }[];
}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._: Same<A, B> extends true ? [] : [never]): void {}

declare const client: HcpVaultClient;
declare const reports: HcpVaultClient<'reports'>;
declare const others: HcpVaultClient<'others'>;
declare const app: INestApplicationContext;
declare const atRunTime: string;

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

export async function typesThatTheCallSays(): Promise<void> {
  const key = client.get<string>('API_KEY');
  same<typeof key, string>();
  const db = await client.fetch<Db>('DB');
  same<typeof db, Db>();
  const port = client.get<number>('DB', { field: 'hosts.0.port' });
  same<typeof port, number>();
  const ref = client.ref<string>('API_KEY');
  same<typeof ref, SecretRef<string>>();
  const length = await client.withSecret<string, number>('API_KEY', (value) => Promise.resolve(value.length));
  same<typeof length, number>();
  const fromContext: string = await client.fetch(untyped(atRunTime));
  void fromContext;

  // @ts-expect-error another type than the declared one
  client.get<number>('API_KEY');
  // @ts-expect-error a misspelt name
  client.get<string>('API_KEYS');
  // @ts-expect-error what stands around a call makes no type of a known secret
  const wrong: number = client.get('API_KEY');
  // @ts-expect-error nor of its field
  const wrongField: number = client.get('DB', { field: 'user' });
  // @ts-expect-error nor of what the work takes
  await client.withSecret('DB', (value: number) => Promise.resolve(value));
  void [wrong, wrongField];
}

export async function untypedNames(): Promise<void> {
  const nothingSaid = client.get(untyped(atRunTime));
  same<typeof nothingSaid, unknown>();
  const text = client.get<string>(untyped('ANY'), { field: 'a.b' });
  same<typeof text, string>();
  const user = await client.withSecret(untyped('ANY'), (value: Db) => Promise.resolve(value.user));
  same<typeof user, string>();
  const ref = client.ref<string>(untyped('ANY'));
  same<typeof ref, SecretRef<string>>();
  await client.update(untyped('ANY'), 'value');
  await client.refresh(untyped('ANY'));
  await client.reportRejected(untyped('ANY'));
  await client.exists(untyped('ANY'));
  getSecretToken(untyped('ANY'));
  getSecretRefToken(untyped('ANY'));
  const config = { get: (): unknown => undefined };
  const anything = configSecret(config, 'secrets', untyped('ANY'));
  same<typeof anything, unknown>();

  const tenant = await client.fetch(`TENANT_${atRunTime}_KEY`);
  same<typeof tenant, string>();
  const tenantKey = client.get<string>(`TENANT_${atRunTime}_KEY`);
  same<typeof tenantKey, string>();
  // @ts-expect-error not of the pattern
  client.get('TENANT_a');
  // @ts-expect-error a name that is known at run time alone is said to be one
  client.get(atRunTime);
}

export function readAny<T>(name: string): Promise<T> {
  return client.fetch<T>(untyped(name));
}

export const readKnown = (name: SecretName): unknown => client.get(name);
export const readOfAny = (some: HcpVaultClient<string>): string => some.get<string>(atRunTime);

export function connections(inTests: HcpVaultTestClient<'reports'>): void {
  const key = reports.get('KEY');
  same<typeof key, string>();
  const perMinute = reports.get('LIMIT', { field: 'perMinute' });
  same<typeof perMinute, number>();
  const any = others.get<string>('ANY', { field: 'a.b' });
  same<typeof any, string>();
  readOfAny(client);
  readOfAny(reports);
  readOfAny(others);
  const asInTheApp: HcpVaultClient<'reports'> = inTests;
  const got = app.get(HcpVaultClient);
  same<typeof got, HcpVaultClient>();
  const gotByToken = app.get<HcpVaultClient<'reports'>>(getClientToken('reports'));
  void [asInTheApp, gotByToken];

  getSecretToken('KEY', { connection: 'reports' });
  getSecretRefToken('KEY', { connection: 'reports' });
  getSecretToken('ANY', { connection: 'others' });
  getSecretToken('ANY', { connection: atRunTime });
  const config = { get: (): unknown => undefined };
  const limit = configSecret(config, registerSecrets('r', { connection: 'reports' }), 'LIMIT', 'perMinute');
  same<typeof limit, number | undefined>();
  const user = configSecret(config, registerSecrets('secrets'), 'DB', 'user');
  same<typeof user, string | undefined>();
  const made = { provide: 'X', dispose: (): void => undefined };
  rotatingProvider({ ...made, secret: 'KEY', connection: 'reports', create: (value) => value.length });
  rotatingProvider({ ...made, secret: 'DB', create: (value) => value.user });
  rotatingProvider({ ...made, secret: untyped('ANY'), create: (value) => String(value) });

  // @ts-expect-error a name of the connection "default"
  reports.get('DB');
  // @ts-expect-error a name of the connection "reports"
  client.get('KEY');
  // @ts-expect-error a name of the connection "default"
  getSecretToken('DB', { connection: 'reports' });
  // @ts-expect-error a name of the connection "default"
  rotatingProvider({ ...made, secret: 'DB', connection: 'reports', create: () => 1 });
  // @ts-expect-error a name of the connection "default"
  configSecret(config, registerSecrets('r', { connection: 'reports' }), 'DB');
}

export class ConsumerOfOthers {
  @InjectSecret('KEY', { connection: 'reports' }) readonly key!: string;
  @InjectSecret('ANY', { connection: 'others', default: 'x' }) readonly any!: string;
  @InjectSecret(untyped('ANY'), { optional: true }) readonly untyped?: string;
  @InjectSecretField('LIMIT', 'perMinute', { connection: 'reports' }) readonly limit!: number;
  @InjectSecretField(untyped('ANY'), 'a.b') readonly field!: string;
  @InjectSecretRef('LIMIT', { connection: 'reports', field: 'perMinute' }) readonly ref!: SecretRef<number>;
  // @ts-expect-error a name of the connection "default"
  @InjectSecret('API_KEY', { connection: 'reports' }) readonly wrong!: string;
  // @ts-expect-error a misspelt field
  @InjectSecretField('LIMIT', 'perHour', { connection: 'reports' }) readonly wrongField!: number;

  @OnSecretRotated('KEY', { connection: 'reports' })
  @OnSecretRotated(untyped('ANY'))
  // @ts-expect-error a name of the connection "default"
  @OnSecretRotated('DB', { connection: 'reports' })
  rotated(): void {}
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
