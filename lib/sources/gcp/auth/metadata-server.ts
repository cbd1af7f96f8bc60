import { isSecretError, SecretAuthenticationError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import type { HttpResponse } from '../../http/index.js';
import type { AccessToken } from '../../http/index.js';
import type { Environment } from './credential.file.js';
import { variable } from './credential.file.js';
import type { Asking } from './token.request.js';
import { grantedToken, LINK_LOCAL, requestToken, SCOPE } from './token.request.js';

const SERVER = 'the metadata server';
const WAYS =
  'Name a file of credentials in GOOGLE_APPLICATION_CREDENTIALS, run `gcloud auth application-default login`, give `auth`, or run on Google Cloud with a service account.';

/** The metadata server of Compute Engine, GKE (workload identity), Cloud Run and Functions: credentials without a file. */
export class MetadataServer {
  readonly #url: string;
  readonly #isOff: boolean;

  constructor(environment: Environment) {
    const host = variable(environment, 'GCE_METADATA_HOST', 'GCE_METADATA_IP') ?? 'metadata.google.internal';
    const address = /^https?:\/\//i.test(host) ? host.replace(/\/+$/, '') : `http://${host}`; // Google's libraries take both
    this.#url = `${address}/computeMetadata/v1`;
    this.#isOff = variable(environment, 'METADATA_SERVER_DETECTION') === 'none';
  }

  token(asking: Asking): Promise<AccessToken> {
    const path = `/instance/service-accounts/default/token?scopes=${encodeURIComponent(SCOPE)}`;
    return this.#ask(path, asking, (response) => grantedToken(response, SERVER, asking.sourceKind));
  }

  projectId(asking: Asking): Promise<string | undefined> {
    return this.#ask('/project/project-id', asking, (response) => response.text().trim() || undefined);
  }

  async #ask<T>(path: string, asking: Asking, read: (response: HttpResponse) => T): Promise<T> {
    const { sourceKind } = asking;
    if (this.#isOff)
      throw noCredentials(sourceKind, 'and METADATA_SERVER_DETECTION says that there is no metadata server');
    const call = {
      url: this.#url + path,
      path: '',
      urlOption: 'GCE_METADATA_HOST',
      asked: SERVER,
      advice: 'Give the machine, pod or service a service account.',
      headers: { 'metadata-flavor': 'Google' },
      isItsOwn: isGoogles,
      transport: LINK_LOCAL, // nothing of ours is sent to it
    };
    try {
      return await requestToken(call, asking, (response) => {
        if (isGoogles(response)) return read(response);
        throw new SecretSourceUnavailableError('what answers in place of the metadata server is none.', {
          sourceKind,
          advice: WAYS,
        });
      });
    } catch (error) {
      if (!isUnknownHost(error)) throw error;
      throw noCredentials(sourceKind, 'and there is no metadata server here', error);
    }
  }
}

/** It says so itself; what answers in its place (a gateway, a container of a cloud that is another's) does not. */
const isGoogles = (response: HttpResponse): boolean => response.header('metadata-flavor') === 'Google';

/** On a machine that is none of Google's the name of the server has no address. */
function isUnknownHost(error: unknown): boolean {
  return isSecretError(error) && (error.cause as { code?: unknown } | undefined)?.code === 'ENOTFOUND';
}

const noCredentials = (sourceKind: string, why: string, cause?: unknown): SecretAuthenticationError =>
  new SecretAuthenticationError(`there are no credentials of Google Cloud: no file of them, ${why}.`, {
    sourceKind,
    cause,
    advice: WAYS,
  });
