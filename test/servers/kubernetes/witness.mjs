// Kubernetes' own Node client, as a witness: does one thing with a Secret, and prints its data, which the API has in Base64.
//   node witness.mjs FOLDER KUBECONFIG NAMESPACE read|write|create NAME [KEY BASE64]   (FOLDER is where @kubernetes/client-node is installed)
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [, , folder, kubeconfig, namespace, action, name, key, value] = process.argv;
const { KubeConfig, CoreV1Api } = await import(
  pathToFileURL(createRequire(`${folder}/index.js`).resolve('@kubernetes/client-node')).href
);

const config = new KubeConfig();
config.loadFromFile(kubeconfig);
const api = config.makeApiClient(CoreV1Api);
const read = () => api.readNamespacedSecret({ name, namespace });
const actions = {
  read,
  create: () => api.createNamespacedSecret({ namespace, body: { metadata: { name }, data: { [key]: value } } }),
  write: async () => {
    const body = await read();
    body.data[key] = value;
    return api.replaceNamespacedSecret({ name, namespace, body });
  },
};
console.log(JSON.stringify((await actions[action]()).data));
