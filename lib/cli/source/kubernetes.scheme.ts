import { kubernetesSecrets } from 'nestjs-hcp-vault/kubernetes';
import { KUBERNETES } from './parameters.js';
import type { OpenSource } from './source-scheme.js';
import { mayBeAbsent } from './source-scheme.js';

/** `k8s:NAMESPACE` for its Secrets, `k8s:NAMESPACE/SECRET` for the keys of one; the namespace may be left out. */
export const openKubernetes: OpenSource = (spec, _environment, use) => {
  const options = spec.parameters(KUBERNETES);
  const [namespace = '', document = '', ...others] = spec.place.split('/');
  if (others.length > 0) throw spec.error('takes NAMESPACE or NAMESPACE/SECRET.');
  return kubernetesSecrets({
    ...options,
    ...(namespace !== '' && { namespace }),
    ...(document !== '' && { document, ...mayBeAbsent(options.optional, document, use) }),
  });
};
