import { MERGE_PATCH, toFields } from '../call-fields.js';
import type { VaultKeys, VaultResponse } from '../vault.answer.js';
import { VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultNamespace {
  readonly id: string;
  /** From the root, with a slash at the end. */
  readonly path: string;
  readonly custom_metadata: Readonly<Record<string, string>> | null;
}

export interface VaultNamespaceRequest {
  readonly customMetadata?: Readonly<Record<string, string>> | undefined;
}

export interface VaultNamespaceUpdate {
  /** What is left out stays; null removes a key. */
  readonly customMetadata?: Readonly<Record<string, string | null>> | undefined;
}

/** The names of namespaces, each with a slash at the end, and all of each. */
export interface VaultNamespaces extends VaultKeys {
  readonly key_info?: Readonly<Record<string, VaultNamespace>>;
}

/** `sys/namespaces`, below the client's own namespace. OpenBao has them; HashiCorp Vault only in its Enterprise edition, else VaultInvalidPathError. */
export class SysNamespaces {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `POST sys/namespaces/:path`; the one above it has to be there. `client.withNamespace(path)` calls inside it. */
  async create(path: string, request: VaultNamespaceRequest = {}): Promise<VaultResponse<VaultNamespace>> {
    return this.#requester.call({ method: 'POST', path: pathOf(path), body: toFields(request), repeatable: true });
  }

  /** `GET sys/namespaces/:path`. @throws VaultInvalidPathError where there is none. */
  async read(path: string): Promise<VaultResponse<VaultNamespace>> {
    return this.#requester.call({ path: pathOf(path) });
  }

  /** `PATCH sys/namespaces/:path` */
  async patch(path: string, update: VaultNamespaceUpdate): Promise<VaultResponse<VaultNamespace>> {
    return this.#requester.call({
      method: 'PATCH',
      path: pathOf(path),
      body: toFields(update),
      contentType: MERGE_PATCH,
      repeatable: true,
    });
  }

  /** `LIST sys/namespaces`: those directly below. */
  async list(): Promise<VaultResponse<VaultNamespaces>> {
    return this.#requester.list(VaultPath.of('sys/namespaces'));
  }

  /** `DELETE sys/namespaces/:path`: with all that is in it, which may take a while after the answer. @throws VaultInvalidRequestError while there are others below it. */
  async delete(path: string): Promise<VaultResponse<Readonly<Record<string, unknown>> | null>> {
    return this.#requester.call({ method: 'DELETE', path: pathOf(path) });
  }
}

const pathOf = (path: string): VaultPath => VaultPath.of('sys/namespaces', path);
