import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { stringify } from 'yaml';
import { isSecretError } from 'nestjs-hcp-vault';
import { KubernetesSecretsSource } from '../../../lib/sources/kubernetes/kubernetes.source.js';
import type { KubernetesSecretsOptions } from '../../../lib/sources/kubernetes/index.js';
import { temporaryFolder } from '../../contract/support/temporary-folder.js';
import { describeWith } from '../../servers/available.js';
import { ADMIN, ALICE } from '../../servers/kubernetes.server.js';
import { certificate } from '../support/certificate.js';
import { later, until, withServer } from './support/cluster.js';
import type { Access } from './support/namespace.js';
import { kubeconfigOf, Namespace, podOf, secretsRule } from './support/namespace.js';

const context = () => ({ signal: new AbortController().signal });

describeWith(['Kubernetes'], 'kubernetesSecrets, who asks', () => {
  let bob: { readonly cert: string; readonly key: string };
  const cluster = withServer(async () => {
    const subject = [
      { name: 'commonName', value: 'bob' },
      { name: 'organizationName', value: 'system:masters' },
    ];
    const { cert, private: key } = await generate(subject, { keySize: 2048 });
    bob = { cert, key };
    return { clientCa: cert };
  });
  let namespace: Namespace;
  beforeAll(async () => {
    namespace = await Namespace.make(cluster.server);
    await namespace.set('db', { n: '1' });
  });

  function made(options: KubernetesSecretsOptions, environment: NodeJS.ProcessEnv = {}, podFolder?: string) {
    const source = new KubernetesSecretsSource({ ...options }, { environment: { HOME: '/nonexistent', ...environment }, podFolder }); // prettier-ignore
    later(() => source.close());
    return source;
  }

  async function read(source: KubernetesSecretsSource): Promise<unknown> {
    const found = (await source.read(['db'], context())).get('db');
    if (isSecretError(found)) throw found;
    return found?.value;
  }

  const as = (access: Access, environment?: NodeJS.ProcessEnv) =>
    made({ kubeconfig: kubeconfigOf(namespace, { namespace: namespace.name, ...access }) }, environment);

  test('given a kubeconfig in YAML of several files, when read, then they are one, the first that has a part wins, and paths begin at their file', async () => {
    const [first, second] = [temporaryFolder(), temporaryFolder()];
    mkdirSync(join(second, 'pki'));
    writeFileSync(join(second, 'pki', 'ca.crt'), cluster.server.ca);
    writeFileSync(join(second, 'token'), `${ADMIN}\n`);
    const contexts = [{ name: 'own', context: { cluster: 'own', user: 'me', namespace: namespace.name } }];
    writeFileSync(join(first, 'config'), stringify({ 'current-context': 'own', contexts }));
    const clusters = [{ name: 'own', cluster: { server: cluster.server.url, 'certificate-authority': 'pki/ca.crt' } }];
    const users = [{ name: 'me', user: { tokenFile: 'token' } }];
    writeFileSync(join(second, 'config'), stringify({ 'current-context': 'other', clusters, users }));
    const KUBECONFIG = [join(first, 'absent'), join(first, 'config'), join(second, 'config')].join(':');
    expect(await read(made({}, { KUBECONFIG }))).toEqual({ n: '1' });
  });

  test('given ~/.kube/config, when nothing else is set, then it is taken; without it the error says what there is to set', async () => {
    const home = temporaryFolder();
    mkdirSync(join(home, '.kube'));
    writeFileSync(join(home, '.kube', 'config'), readFileSync(kubeconfigOf(namespace, { namespace: namespace.name })));
    expect(await read(made({}, { HOME: home }))).toEqual({ n: '1' });
    await expect(read(made({}))).rejects.toThrow(/this is not a pod, KUBECONFIG is not set, and there is no "\/nonexistent\/.kube\/config"/); // prettier-ignore
  });

  test('given inline certificates, when read, then the client certificate proves who asks', async () => {
    const data = Buffer.from(cluster.server.ca).toString('base64');
    const other = await certificate('not.trusted');
    const trusting = { 'certificate-authority': undefined, 'certificate-authority-data': data };
    expect(await read(as({ cluster: trusting }))).toEqual({ n: '1' });
    const strange = Buffer.from(other.cert).toString('base64');
    await expect(read(as({ cluster: { 'certificate-authority': undefined, 'certificate-authority-data': strange } }))).rejects.toThrow(/TLS with .* failed/); // prettier-ignore
    const proof = ({ cert, key }: typeof bob) => ({ 'client-certificate-data': Buffer.from(cert).toString('base64'), 'client-key-data': Buffer.from(key).toString('base64') }); // prettier-ignore
    expect(await read(as({ user: proof(bob) }))).toEqual({ n: '1' });
    await expect(read(as({ user: proof(other) }))).rejects.toMatchObject({ code: expect.stringMatching(/AUTHENTICATION|DENIED/) as unknown }); // prettier-ignore
  });

  test('given insecure-skip-tls-verify on loopback, when read, then it is taken', async () => {
    expect(await read(as({ cluster: { 'certificate-authority': undefined, 'insecure-skip-tls-verify': true } }))).toEqual({ n: '1' }); // prettier-ignore
  });

  test('given a CA file that is replaced, when TLS fails, then it is read again', async () => {
    const folder = temporaryFolder();
    const ca = join(folder, 'ca.crt');
    writeFileSync(ca, (await certificate('old.one')).cert);
    const source = as({ cluster: { 'certificate-authority': ca } });
    await expect(read(source)).rejects.toThrow(/TLS with .* failed/);
    writeFileSync(ca, cluster.server.ca);
    expect(await read(source)).toEqual({ n: '1' });
  });

  test('given a token that is refused, when another stands in the kubeconfig, then it is taken, without a failure', async () => {
    const path = kubeconfigOf(namespace, { namespace: namespace.name, token: ADMIN });
    const source = made({ kubeconfig: path });
    expect(await read(source)).toEqual({ n: '1' });
    const good = readFileSync(path, 'utf8');
    writeFileSync(path, good.replace(ADMIN, 'canary-refused'));
    expect(await read(source)).toEqual({ n: '1' }); // nobody has refused the one before
    const refused = made({ kubeconfig: path });
    await expect(read(refused)).rejects.toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    writeFileSync(path, good);
    expect(await read(refused)).toEqual({ n: '1' });
  });

  test('given a pod, when its token file is rewritten, emptied or taken away, then the token before serves for a minute, and a refused one is read anew at once', async () => {
    const token = await namespace.serviceAccount('pod');
    await namespace.grant({ serviceAccount: 'pod' }, [secretsRule(['get'])]);
    const { podFolder, environment, rewrite } = podOf(namespace, token);
    const source = made({}, environment, podFolder);
    expect(await read(source)).toEqual({ n: '1' });
    rewrite('');
    expect(await read(source)).toEqual({ n: '1' });
    const second = made({}, environment, podFolder);
    await expect(read(second)).rejects.toThrow(/holds no token/);
    rewrite('canary-wrong');
    await expect(read(second)).rejects.toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    rewrite(token);
    expect(await read(second)).toEqual({ n: '1' });
  });

  describe('a plugin', () => {
    /** Counts its runs in a file; its words on stderr are never to be seen. */
    function plugin(body: string) {
      const folder = temporaryFolder();
      const command = join(folder, 'plugin');
      writeFileSync(command, `#!/usr/bin/env node\nconst fs = require('node:fs');\nfs.appendFileSync(${JSON.stringify(join(folder, 'runs'))}, 'x');\nconsole.error('canary-stderr');\n${body}\n`); // prettier-ignore
      chmodSync(command, 0o755);
      const runs = () => (existsSync(join(folder, 'runs')) ? readFileSync(join(folder, 'runs'), 'utf8').length : 0);
      return { command, runs };
    }
    const exec = (command: string, more: object = {}) => ({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command, interactiveMode: 'IfAvailable', ...more } }); // prettier-ignore
    const printing = (status: string) => `console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: ${status} }))`; // prettier-ignore
    const PATH = process.env['PATH'];

    test('given many who read at once, when it gives a token, then it is run once, with its arguments, variables and the cluster, and kept', async () => {
      const { command, runs } = plugin(`
        const info = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
        const isRight = process.argv[2] === '--cluster' && process.env.MODE === 'm;$(x)' && info.spec.cluster.server === ${JSON.stringify(cluster.server.url)} && info.spec.interactive === false;
        ${printing(`{ token: isRight ? ${JSON.stringify(ADMIN)} : 'canary-wrong' }`)}`);
      const user = exec(command, { args: ['--cluster'], env: [{ name: 'MODE', value: 'm;$(x)' }], provideClusterInfo: true }); // prettier-ignore
      const source = as({ user }, { PATH });
      expect(await Promise.all([read(source), read(source), read(source)])).toEqual([
        { n: '1' },
        { n: '1' },
        { n: '1' },
      ]);
      await read(source);
      expect(runs()).toBe(1);
    }, 30_000);

    test('given it gives a certificate, when read, then that proves who asks', async () => {
      const { command } = plugin(printing(`{ clientCertificateData: ${JSON.stringify(bob.cert)}, clientKeyData: ${JSON.stringify(bob.key)} }`)); // prettier-ignore
      expect(await read(as({ user: exec(command) }, { PATH }))).toEqual({ n: '1' });
    }, 30_000);

    test('given what it gives ends within a minute, when read again, then it is run again', async () => {
      const { command, runs } = plugin(printing(`{ token: ${JSON.stringify(ADMIN)}, expirationTimestamp: new Date(Date.now() + 59_000).toISOString() }`)); // prettier-ignore
      const source = as({ user: exec(command) }, { PATH });
      await read(source);
      const before = runs();
      await read(source);
      await until(() => runs() > before); // behind the back of who reads
    }, 30_000);

    test('given it fails, prints no answer, is missing, or wants somebody, when read, then the error says so, and nothing of what it said', async () => {
      const failing = plugin('process.exit(3)');
      const silent = plugin(`console.log('canary-output')`);
      for (const [user, text] of [
        [exec(failing.command), /the plugin ".*" of ".*" failed/],
        [exec(silent.command), /holds no token/],
        [exec('/nonexistent/plugin'), /failed/],
        [exec(silent.command, { interactiveMode: 'Always' }), /nobody is there/],
        [exec(silent.command, { apiVersion: 'v1alpha1' }), /is of none of the versions/],
      ] as const) {
        const failure = read(as({ user }, { PATH }));
        await expect(failure).rejects.toThrow(text);
        await expect(failure).rejects.not.toThrow(/canary/);
      }
    }, 30_000);
  });

  test.each([
    [{ username: 'me', password: 'canary-password' }, /has "username"/],
    [{ 'auth-provider': { name: 'gcp' } }, /has "auth-provider"/],
    [{ token: ALICE, as: 'somebody' }, /has "as"/],
  ])('given a user with what is not supported, when read, then it is refused by name (%#)', async (user, text) => {
    await expect(read(as({ user }))).rejects.toThrow(text);
  });

  test.each([
    ['no: [yaml', /is not a kubeconfig/],
    ['{}', /names no current-context/],
    ['{"current-context":"a"}', /has no context "a"/],
    ['{"current-context":"a","contexts":[{"name":"a","context":{"cluster":"c"}}]}', /has no cluster "c"/],
  ])('given the kubeconfig %j, when read, then the error says what is wrong', async (text, words) => {
    const path = join(temporaryFolder(), 'config');
    writeFileSync(path, text);
    await expect(read(made({ kubeconfig: path }))).rejects.toThrow(words);
  });

  test('given plain http beyond loopback, when read, then it is refused, unless that is permitted', async () => {
    await expect(read(as({ server: 'http://cluster.example:8080' }))).rejects.toThrow(/plain http is refused but on loopback/); // prettier-ignore
  });
});
