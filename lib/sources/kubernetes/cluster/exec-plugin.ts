import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { SecretAuthenticationError, SecretConfigurationError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import { RenewedAhead } from '../../../core/source/renewed-ahead.js';
import { KIND, recordOf } from '../kubernetes.errors.js';
import type { Credential } from './credential.js';
import { checkedToken, Proof } from './credential.js';
import type { Section } from './section.js';
import { isText, pemOf } from './section.js';

interface Given {
  readonly proof: Proof;
  /** Milliseconds. */
  readonly life: number;
}

const VERSIONS = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];
/** Milliseconds. A plugin asks its cloud, which may take some seconds. */
const LONGEST = 30_000;
/** Milliseconds before its end, at which another proof is asked for. */
const AHEAD = 60_000;
/** Bytes of an answer. */
const MOST = 1024 * 1024;
/** Milliseconds. */
const REST = 5_000;

/** A command that gives tokens or certificates (EKS, GKE, AKS): run without a shell, once for all who ask at a time. What it says beside its answer is not kept. */
export class ExecPlugin implements Credential {
  readonly rest = REST;
  readonly #section: Section;
  readonly #given: RenewedAhead<Given, AbortSignal>;

  /** Throws SecretConfigurationError for one that can't be run. */
  constructor(
    section: Section,
    private readonly cluster: Section,
    private readonly environment: NodeJS.ProcessEnv,
  ) {
    this.#section = section;
    const { command, apiVersion, interactiveMode } = section.fields;
    if (!isText(command)) throw this.#wrong('names no command');
    if (!isText(apiVersion) || !VERSIONS.includes(apiVersion))
      throw this.#wrong(`is of none of the versions ${VERSIONS.join(', ')}`);
    this.#given = new RenewedAhead({
      of: 'proof of the plugin',
      sourceKind: KIND,
      ask: (own, closing) => this.#run(AbortSignal.any([own, closing])),
      ahead: () => AHEAD,
    });
    if (interactiveMode === 'Always') throw this.#wrong('wants to ask somebody, and nobody is there');
  }

  async proof(signal: AbortSignal): Promise<Proof> {
    return (await this.#given.current(signal, signal)).proof;
  }

  #run(signal: AbortSignal): Promise<Given> {
    const { fields, folder } = this.#section;
    const command = String(fields['command']);
    const list = fields['args'];
    const args = Array.isArray(list) ? list.map(String) : [];
    // A name is looked for on PATH; with a separator it is a path, from the file's folder.
    const file = /[/\\]/.test(command) ? resolve(folder, command) : command;
    return new Promise((done, failed) => {
      const options = {
        env: this.#variables(),
        timeout: LONGEST,
        killSignal: 'SIGKILL' as const, // it may heed no other
        signal,
        maxBuffer: MOST,
        windowsHide: true,
        encoding: 'utf8' as const,
      };
      try {
        const child = execFile(file, args, options, (error, output) => {
          if (error) return failed(this.#failed(error));
          try {
            done(this.#read(output));
          } catch (cause) {
            failed(cause instanceof Error ? cause : this.#failed(undefined));
          }
        });
        child.stdin?.end(); // nobody is there to answer
        child.stdin?.on('error', () => undefined);
      } catch {
        failed(this.#wrong('has an argument or a variable that no command takes')); // Node's error quotes it
      }
    });
  }

  #variables(): NodeJS.ProcessEnv {
    const { env, apiVersion, provideClusterInfo } = this.#section.fields;
    const {
      server,
      'tls-server-name': serverName,
      'insecure-skip-tls-verify': skips,
      'proxy-url': proxy,
    } = this.cluster.fields;
    const ca = pemOf(this.cluster, 'certificate-authority');
    const cluster = {
      server,
      ...(isText(serverName) && { 'tls-server-name': serverName }),
      ...(skips === true && { 'insecure-skip-tls-verify': true }),
      ...(ca !== undefined && { 'certificate-authority-data': Buffer.from(ca).toString('base64') }),
      ...(isText(proxy) && { 'proxy-url': proxy }),
    };
    const spec = { interactive: false, ...(provideClusterInfo === true && { cluster }) };
    const given = (Array.isArray(env) ? env : []).map((entry): [string, string] => {
      const { name, value } = recordOf(entry);
      return [String(name), typeof value === 'string' ? value : ''];
    });
    const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec });
    return { ...this.environment, ...Object.fromEntries(given), KUBERNETES_EXEC_INFO: info };
  }

  #read(output: string): Given {
    let answer: unknown;
    try {
      answer = JSON.parse(output);
    } catch {
      answer = undefined; // the parser's error quotes it
    }
    const {
      token,
      clientCertificateData: cert,
      clientKeyData: key,
      expirationTimestamp,
    } = recordOf(recordOf(answer)['status']);
    const of = `what the plugin "${String(this.#section.fields['command'])}" gave`;
    const certificate = isText(cert) && isText(key) ? { cert, key } : undefined;
    const proof = new Proof(certificate && token === undefined ? undefined : checkedToken(token, of), certificate);
    const end = isText(expirationTimestamp) ? Date.parse(expirationTimestamp) : Number.NaN;
    return { proof, life: Number.isNaN(end) ? Number.POSITIVE_INFINITY : Math.max(0, end - Date.now()) };
  }

  #failed(cause: unknown): SecretAuthenticationError {
    const { killed } = recordOf(cause);
    const what = killed === true ? `gave no answer within ${LONGEST} ms` : 'failed';
    return new SecretAuthenticationError(
      `the plugin "${String(this.#section.fields['command'])}" of "${this.#section.path}" ${what}.`,
      {
        sourceKind: KIND,
        cause,
        advice:
          'Run it by itself, as the user of this process; what it says is not shown here, for it may hold secrets.',
      },
    );
  }

  #wrong(what: string): SecretConfigurationError {
    return new SecretConfigurationError(`the plugin (exec) of the user in "${this.#section.path}" ${what}.`, {
      sourceKind: KIND,
      advice: 'Correct the kubeconfig: the tools of whoever runs the cluster write it.',
    });
  }

  static {
    hideInOutput(ExecPlugin.prototype, () => '[secrets of a plugin]');
  }
}
