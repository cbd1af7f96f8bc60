import { resolve } from 'node:path';
import type { SecretSource } from '../../core/source/secret-source.js';
import { textOf, UnreadableFile } from '../bounded-file.js';
import type { CliCommand } from '../command.js';
import { awsPolicy } from '../policy/aws-policy.js';
import { azureRoles } from '../policy/azure-roles.js';
import { refuseInexact } from '../policy/exact-places.js';
import { googleRoles } from '../policy/google-roles.js';
import { kubernetesRole } from '../policy/kubernetes-role.js';
import type { NeededSecret } from '../policy/needed-secret.js';
import { neededByName, neededByStatus } from '../policy/needed-secret.js';
import type { PrintedPolicy } from '../policy/policy-wishes.js';
import { vaultPolicy } from '../policy/vault-policy.js';
import { sourceText, withSource } from '../source/opened-source.js';
import { askedReplica } from '../status/asked-replica.js';
import { tokenOf } from '../status/status-token.js';
import { SOURCE_HELP } from '../source/source-help.js';
import { pipedBytes } from '../standard-input.js';
import { UsageError } from '../usage-error.js';

interface PolicyOptions {
  readonly for?: string | undefined;
  readonly status?: string | undefined;
  readonly tokenFile?: string;
  readonly source?: string | undefined;
  readonly name?: readonly string[] | undefined;
  readonly list?: boolean | undefined;
  readonly write?: boolean | undefined;
  readonly principal?: string | undefined;
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly partition?: string | undefined;
  readonly kmsKey?: readonly string[] | undefined;
  readonly namespace?: string | undefined;
  readonly project?: string | undefined;
  readonly vaultId?: string | undefined;
}

/** Milliseconds, for the status page. */
const TIMEOUT = 10_000;

/** Kinds of sources by what `--for` is. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  vault: ['vault'],
  aws: ['aws-secrets-manager', 'aws-parameter-store'],
  k8s: ['kubernetes'],
  gcp: ['google-secret-manager'],
  azure: ['azure-key-vault'],
};

export const policyCommand: CliCommand<PolicyOptions> = {
  declare(command) {
    command
      .description(
        'Prints the least rights that an app needs: a policy of Vault or OpenBao, of IAM, a Role of Kubernetes, roles of Google or Azure. It asks no backend.',
      )
      .option('--for <backend>', `${Object.keys(KINDS).join(', ')}; may be left out where there is one only`)
      .option(
        '--status <file or URL>',
        'the app’s own list: what client.status() gives, or its status page, by its address or as JSON; - for standard input',
      )
      .option(
        '--token-file <path>',
        'a file that holds the token of the status page; without it HCP_VAULT_STATUS_TOKEN does',
      )
      .option('-s, --source <spec>', 'with --name in place of --status: where the names lead')
      .option('--name <name...>', 'a secret; may be given several times')
      .option('--list', 'the app also lists: preload "all", list, fetchSecrets, getByPath')
      .option('--write', 'the app also writes: update')
      .option(
        '--principal <who>',
        'who is granted the rights: a service account of Kubernetes ([NAMESPACE/]NAME) or of Google, an object ID of Azure',
      )
      .option('--account <id>', 'AWS: the account; any without it')
      .option('--region <name>', 'AWS: the region; that of the status without it, else any')
      .option('--partition <name>', 'AWS: e.g. aws-cn', 'aws')
      .option('--kms-key <arn...>', 'AWS: a KMS key of your own')
      .option('--namespace <name>', 'Kubernetes: that of the status without it')
      .option('--project <id>', 'Google: that of the status without it')
      .option('--vault-id <id>', 'Azure: the resource ID of the vault')
      .addHelpText('after', SOURCE_HELP);
  },
  async run({ options, output, around }) {
    const needed = await neededSecrets(options, around);
    const backend = backendOf(options.for, needed);
    const own = needed
      .map((secret) => ({ ...secret, places: secret.places.filter(({ source }) => KINDS[backend]!.includes(source)) }))
      .filter(({ places }) => places.length > 0);
    if (own.length === 0) throw new UsageError(`no secret there is of a source that --for ${backend} is about.`);
    refuseInexact(own);
    const { text, notes } = printed(backend, own, options);
    output.out(text);
    for (const note of [...notes, ...unseen(backend, options)]) output.err(`${note}\n`);
  },
};

/** What the list that was given can't tell: rights that the app may need beside what is printed. */
function unseen(backend: string, { status, list = false }: PolicyOptions): string[] {
  if (status === undefined)
    return backend === 'vault' ? ['--name takes each for a secret of KV: for those of engines, use --status.'] : [];
  return list
    ? []
    : ['An app that lists (a namespace of ConfigService, preload "all", fetchSecrets) needs more: --list adds it.'];
}

function printed(backend: string, needed: readonly NeededSecret[], options: PolicyOptions): PrintedPolicy {
  const { list = false, write = false, principal, account, region, partition, kmsKey: keys } = options;
  const wishes = { list, write, principal };
  if (backend === 'vault') return vaultPolicy(needed, wishes);
  if (backend === 'aws') return awsPolicy(needed, wishes, { account, region, partition, keys });
  if (backend === 'k8s') return kubernetesRole(needed, wishes, options.namespace);
  return backend === 'gcp' ? googleRoles(needed, wishes, options.project) : azureRoles(needed, wishes, options.vaultId);
}

function backendOf(given: string | undefined, needed: readonly NeededSecret[]): string {
  const names = Object.keys(KINDS);
  if (given !== undefined && !names.includes(given)) throw new UsageError(`--for is one of ${names.join(', ')}.`);
  if (given !== undefined) return given;
  const kinds = new Set(needed.flatMap(({ places }) => places.map(({ source }) => source)));
  const found = names.filter((name) => KINDS[name]!.some((kind) => kinds.has(kind)));
  if (found.length === 1) return found[0]!;
  throw new UsageError(
    found.length === 0
      ? 'no secret there is of a source that has policies.'
      : `--for is missing: ${found.join(' or ')}.`,
  );
}

async function neededSecrets(
  { status, source, name: names = [], ...options }: PolicyOptions,
  around: Parameters<CliCommand['run']>[0]['around'],
): Promise<readonly NeededSecret[]> {
  if (status !== undefined && names.length > 0) throw new UsageError('--status and --name exclude each other.');
  if (status === undefined) {
    if (names.length === 0) throw new UsageError('--status or --name is missing: which secrets the app needs.');
    const named = (one: SecretSource) => Promise.resolve(neededByName(names, one));
    return withSource(sourceText(source, around), around, named, 'describe');
  }
  if (!/^https?:\/\//i.test(status)) return neededByStatus(await statusJson(status, around));
  const token = await tokenOf(options, around.environment);
  const asked = await askedReplica(status, { token, timeout: TIMEOUT, allowInsecure: false });
  if ('error' in asked) throw asked.error;
  return neededByStatus(asked.report);
}

async function statusJson(file: string, around: Parameters<CliCommand['run']>[0]['around']): Promise<unknown> {
  try {
    const text =
      file === '-' ? Buffer.from(await pipedBytes(around.input)).toString('utf8') : await textOf(resolve(around.folder, file)); // prettier-ignore
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    // Neither the parser's text nor the path: both may quote what is not for a log.
    if (error instanceof SyntaxError) throw new UsageError('--status is not JSON.');
    const why = error instanceof UnreadableFile ? ` (${error.message})` : '';
    throw new UsageError(`--status can’t be read${why}; - takes it from standard input.`);
  }
}
