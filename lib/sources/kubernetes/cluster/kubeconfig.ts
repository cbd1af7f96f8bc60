import { dirname, resolve } from 'node:path';
import { SecretConfigurationError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { loadedPackage } from '../../../core/loaded-package.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { TlsOptions } from '../../http/index.js';
import { errorCode, fileTrouble, readCredentialText } from '../../watch/index.js';
import { KIND, recordOf } from '../kubernetes.errors.js';
import type { Cluster } from './cluster.js';
import { KubeconfigUser } from './kubeconfig.user.js';
import type { Section } from './section.js';
import { isText, pemOf } from './section.js';

/** Bytes: one of many clusters has some kB for each. */
const LONGEST = 4 * 1024 * 1024;

type Fields = Section['fields'];

/** One kubeconfig, or several as one: the first that has a part wins. Shows only its paths. */
export class Kubeconfig {
  readonly #files: readonly Section[];

  private constructor(
    files: readonly Section[],
    private readonly of: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {
    this.#files = files;
  }

  /** @param mayLack of several one that isn't there is passed over, as kubectl does. Rejects with SecretErrors. */
  static async read(
    paths: readonly string[],
    of: string,
    mayLack: boolean,
    environment: NodeJS.ProcessEnv,
  ): Promise<Kubeconfig> {
    const files: Section[] = [];
    let missing: unknown;
    for (const path of paths.map((one) => resolve(one))) {
      let text: string;
      try {
        text = await readCredentialText(path, LONGEST);
      } catch (cause) {
        missing ??= cause;
        if (!mayLack || errorCode(cause) !== 'ENOENT') throw unread(of, path, cause);
        continue;
      }
      files.push({ fields: await parsed(text, path), folder: dirname(path), path });
    }
    if (files.length === 0) throw unread(of, resolve(paths[0]!), missing);
    return new Kubeconfig(files, of, environment);
  }

  /** What a context leads to. Throws SecretErrors. */
  cluster(context: string | undefined): Cluster {
    const chosen = context ?? this.#files.map(({ fields }) => fields['current-context']).find(isText);
    if (chosen === undefined) throw this.#wrong('names no current-context', 'Give the option `context`.');
    const { fields: names } = this.#section('contexts', 'context', chosen);
    const { cluster, user, namespace } = names;
    if (!isText(cluster)) throw this.#wrong(`says of no cluster in its context "${chosen}"`);
    const section = this.#section('clusters', 'cluster', cluster);
    const { server, 'proxy-url': proxy, 'insecure-skip-tls-verify': isUnverified } = section.fields;
    if (!isText(server)) throw this.#wrong(`has no server for its cluster "${cluster}"`);
    const owner = isText(user) ? this.#section('users', 'user', user) : { ...section, fields: {} };
    const own = new KubeconfigUser(owner, section, this.environment);
    return {
      server,
      serverOption: `the server of the cluster "${cluster}" (${this.of})`,
      tls: () => ({ ...tlsOf(section), ...own.certificate() }),
      verify: isUnverified !== true,
      proxy: isText(proxy) ? { option: `proxy-url of the cluster "${cluster}" (${this.of})`, url: proxy } : undefined,
      namespace: isText(namespace) ? namespace : undefined,
      credential: own.credential(),
    };
  }

  #section(list: string, field: string, name: string): Section {
    for (const { fields, folder, path } of this.#files) {
      const entries: unknown = fields[list];
      const listed: readonly unknown[] = Array.isArray(entries) ? entries : [];
      const found = listed.find((entry) => recordOf(entry)['name'] === name);
      if (found !== undefined) return { fields: recordOf(recordOf(found)[field]), folder, path };
    }
    throw this.#wrong(`has no ${field} "${name}"`);
  }

  #wrong(what: string, advice = 'Correct it: `kubectl config view` shows it.'): SecretConfigurationError {
    return new SecretConfigurationError(`the kubeconfig of ${this.of} ${what}.`, { sourceKind: KIND, advice });
  }

  static {
    hideInOutput(Kubeconfig.prototype, (self) => `[secrets of ${self.#files.map(({ path }) => path).join(', ')}]`);
  }
}

function tlsOf(section: Section): TlsOptions {
  const serverName = section.fields['tls-server-name'];
  const ca = pemOf(section, 'certificate-authority');
  return { ...(ca !== undefined && { ca }), ...(isText(serverName) && { serverName }) };
}

/** JSON is read without `yaml`. What a parser says of a text quotes it, and is not kept. */
async function parsed(text: string, path: string): Promise<Fields> {
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch {
    const yaml = await loadedPackage('yaml', KIND, () => import('yaml'));
    try {
      // Its warnings quote the text too, and would go to the process; kubectl knows merge keys.
      value = yaml.parse(text, { logLevel: 'error', merge: true }) as unknown;
    } catch {
      value = undefined;
    }
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new SecretConfigurationError(`"${path}" is not a kubeconfig.`, {
    sourceKind: KIND,
    advice: 'Have it written by kubectl, or by the tools of whoever runs the cluster.',
  });
}

function unread(of: string, path: string, cause: unknown): SecretSourceUnavailableError {
  const { reason, advice } = fileTrouble(path, cause);
  return new SecretSourceUnavailableError(`the kubeconfig of ${of}: ${reason}`, { sourceKind: KIND, cause, advice });
}
