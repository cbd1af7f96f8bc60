import type { VaultClient } from '../../../../lib/sources/vault/index.js';
import { certificate } from '../../support/certificate.js';
import type { TestServer } from '../../support/server.js';
import { startServer } from '../../support/server.js';
import { jwtOf } from './jwt.js';

export interface PlayedKubernetes {
  readonly server: TestServer;
  /** The service account `web` of the namespace `shop`, as its pod finds it. */
  readonly serviceAccount: string;
  /** What the token review says from now on. */
  agrees(agrees: boolean): void;
}

/** Kubernetes' TokenReview, which is all that Vault asks of it, and Vault's login by it with a role `web`. `stopServers` ends it. */
export async function setUpKubernetes(root: VaultClient, policy: string): Promise<PlayedKubernetes> {
  let authenticated = true;
  const server = await startServer((_, response) => {
    const user = { username: 'system:serviceaccount:shop:web', uid: 'u-1', groups: ['system:serviceaccounts'] };
    response.setHeader('content-type', 'application/json').end(
      JSON.stringify({
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenReview',
        status: authenticated ? { authenticated, user, audiences: ['vault'] } : { authenticated },
      }),
    );
  });
  await root.sys.enableAuthMethod('kubernetes');
  await root.write('auth/kubernetes/config', {
    kubernetes_host: server.url,
    token_reviewer_jwt: jwtOf({ sub: 'reviewer' }),
    kubernetes_ca_cert: (await certificate('kubernetes.test')).cert, // OpenBao wants one, also where the host is plain http
    disable_local_ca_jwt: true,
  });
  await root.write('auth/kubernetes/role/web', {
    bound_service_account_names: 'web',
    bound_service_account_namespaces: 'shop',
    audience: 'vault',
    token_policies: policy,
  });
  const serviceAccount = jwtOf({
    iss: 'kubernetes/serviceaccount',
    aud: ['vault'],
    sub: 'system:serviceaccount:shop:web',
    'kubernetes.io': { namespace: 'shop', serviceaccount: { name: 'web', uid: 'u-1' } },
  });
  return { server, serviceAccount, agrees: (agrees) => (authenticated = agrees) };
}
