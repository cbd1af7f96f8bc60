// One process of a fleet, bundled and started by `fleet.ts`: prints what its secrets show, each time they change.
import { Cluster } from 'ioredis';
import { redisCache } from '../../../../lib/caches/redis/index.js';
import { HcpVaultClient } from '../../../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../../../lib/core/client/secret-runtime.js';
import { SecretVersion } from '../../../../lib/core/secret/secret-version.js';
import type { SecretSource } from '../../../../lib/core/source/secret-source.js';

export interface ReplicaSettings {
  readonly id: string;
  readonly source: string;
  readonly names: readonly string[];
  readonly every: number;
  readonly key: string;
  /** One address, or those of a cluster. */
  readonly redis: readonly { readonly host: string; readonly port: number }[];
  /** In place of the one address. */
  readonly url?: string;
}

/** What it prints, a line each. */
export type ReplicaLine =
  | {
      readonly type: 'value';
      readonly name: string;
      readonly value: string;
      readonly at: number;
      readonly from: string;
    }
  | { readonly type: 'log'; readonly text: string }
  | { readonly type: 'started' };

const settings = JSON.parse(process.env['REPLICA']!) as ReplicaSettings;
const print = (line: ReplicaLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

const source: SecretSource = {
  kind: 'stub',
  async read(names) {
    const response = await fetch(`${settings.source}/${settings.id}/${names.join(',')}`);
    if (response.status !== 200) throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
    const values = (await response.json()) as Record<string, number>;
    return new Map(
      Object.entries(values).map(([name, value]) => [
        name,
        SecretVersion.of(`canary-${value}`, { version: String(value) }),
      ]),
    );
  },
};

const client = settings.redis.length > 1 ? new Cluster([...settings.redis]) : undefined;
client?.on('error', () => undefined);
const [first] = settings.redis;
const key = Buffer.from(settings.key, 'base64');
const sharedCache = client
  ? redisCache({ client, key })
  : redisCache({ url: settings.url ?? `redis://${first!.host}:${first!.port}`, key });
const log = (text: unknown): void => print({ type: 'log', text: String(text) });
const runtime = new SecretRuntime({
  source,
  sharedCache,
  cache: { maxAge: settings.every },
  logger: { error: log, warn: log, log: () => undefined, debug: () => undefined },
});
const vault = new HcpVaultClient<string>(runtime);

const show = (name: string): void => {
  const value = String(vault.ref(name).value);
  const from = runtime.secrets.peek(name)?.facts?.given.origin?.from ?? 'source';
  print({ type: 'value', name, value, at: Date.now(), from });
};
vault.rotations$.subscribe(({ name }) => show(name));
await runtime.bootstrap(
  settings.names.map((name) => ({ name, need: 'required' })),
  'decorated',
);
settings.names.forEach(show);
runtime.start();
print({ type: 'started' });

process.on('SIGTERM', () => {
  void runtime.shutdown().then(() => {
    client?.disconnect();
    log('closed');
  });
});
// Kept alive by this alone: what is left of ours after `shutdown` would show as a process that does not end.
const alive = setInterval(() => undefined, 1_000);
process.on('SIGTERM', () => clearInterval(alive));
