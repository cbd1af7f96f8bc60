import { homedir } from 'node:os';
import { join } from 'node:path';
import { SecretAuthenticationError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import { fileTrouble, readCredentialText } from '../../watch/index.js';
import { fieldsOf } from './token.request.js';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The first of these variables that is set; lower case counts too, as with Google's libraries. */
export function variable(environment: Environment, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = environment[name] || environment[name.toLowerCase()];
    if (value) return value;
  }
  return undefined;
}

const ADVICE = 'Name a file of credentials in GOOGLE_APPLICATION_CREDENTIALS, or give `auth`.';

/** A JSON file of credentials, as Google Cloud's console and gcloud write them. Shows only its path. */
export class CredentialFile {
  readonly #fields: Readonly<Record<string, unknown>>;

  private constructor(
    readonly path: string,
    fields: Readonly<Record<string, unknown>>,
  ) {
    this.#fields = fields;
  }

  /**
   * The file that GOOGLE_APPLICATION_CREDENTIALS names, which has to be there, else that of `gcloud auth application-default login`; undefined where
   * there is none. Read again each time, for others may have written it.
   */
  static async find(environment: Environment, sourceKind: string): Promise<CredentialFile | undefined> {
    const named = variable(environment, 'GOOGLE_APPLICATION_CREDENTIALS');
    if (named !== undefined) return CredentialFile.read(named, 'GOOGLE_APPLICATION_CREDENTIALS', sourceKind);
    try {
      return await CredentialFile.read(wellKnownPath(environment), 'gcloud', sourceKind);
    } catch (error) {
      if ((error as { cause?: { code?: unknown } }).cause?.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  private static async read(path: string, of: string, sourceKind: string): Promise<CredentialFile> {
    let content: string;
    try {
      content = await readCredentialText(path);
    } catch (cause) {
      const { reason, advice } = fileTrouble(path, cause);
      // It may be mounted, or written, a moment later: a start waits for it.
      throw new SecretSourceUnavailableError(`the credentials of ${of}: ${reason}`, { sourceKind, cause, advice });
    }
    const fields = fieldsOf(parsed(content));
    if (typeof fields['type'] !== 'string') {
      throw new SecretAuthenticationError(`the credentials of ${of}: "${path}" is not a JSON file of credentials.`, {
        sourceKind,
        advice: ADVICE,
      });
    }
    return new CredentialFile(path, fields);
  }

  /** One that stands in another, such as the `source_credentials` of an impersonation. */
  within(field: string): CredentialFile {
    return new CredentialFile(this.path, fieldsOf(this.#fields[field]));
  }

  get type(): string {
    return this.text('type') ?? '';
  }

  /** A text of it, and not an empty one. */
  text(field: string): string | undefined {
    const value = this.#fields[field];
    return typeof value === 'string' && value !== '' ? value : undefined;
  }

  fields(field: string): Readonly<Record<string, unknown>> {
    return fieldsOf(this.#fields[field]);
  }

  texts(field: string): readonly string[] {
    const value = this.#fields[field];
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  }

  /** @throws SecretAuthenticationError where it lacks the field. */
  needed(field: string, sourceKind: string): string {
    const value = this.text(field);
    if (value !== undefined) return value;
    throw new SecretAuthenticationError(`the credentials in "${this.path}" have no "${field}".`, {
      sourceKind,
      advice: 'Write the file again, with gcloud or in the console of Google Cloud.',
    });
  }

  static {
    hideInOutput(CredentialFile.prototype, (self) => `[secrets of ${self.path}]`);
  }
}

function wellKnownPath(environment: Environment): string {
  const folder =
    environment['CLOUDSDK_CONFIG'] ||
    (process.platform === 'win32'
      ? join(environment['APPDATA'] ?? '', 'gcloud')
      : join(environment['HOME'] || homedir(), '.config', 'gcloud'));
  return join(folder, 'application_default_credentials.json');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the parser's error quotes the file
  }
}
