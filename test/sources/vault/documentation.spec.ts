import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = process.cwd();
const PAGE = 'docs/vault-client.md';
const text = readFileSync(join(root, PAGE), 'utf8');

// The entry `nestjs-hcp-vault/vault` is not published yet, so that its snippets can't be compiled with the others: here they are, against the sources.
const snippets = [...text.matchAll(/^```typescript\n([^]*?)^```$/gm)].map(([, code = '']) => code);

describe(PAGE, () => {
  test('given its snippets, when compiled, then there is no error', () => {
    expect(snippets.length).toBeGreaterThan(1);
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8')) as {
      config: { compilerOptions: object };
    };
    const given = { ...config.compilerOptions, paths: { 'nestjs-hcp-vault/vault': ['./lib/sources/vault/index.ts'] } };
    const { options } = ts.convertCompilerOptionsFromJson({ ...given, types: ['node'] }, root);
    const files = new Map(snippets.map((code, index) => [join(root, `vault-snippet-${index}.ts`), code]));
    const host = ts.createCompilerHost(options);
    const { fileExists, getSourceFile } = host;
    host.fileExists = (path) => files.has(path) || fileExists.call(host, path);
    host.getSourceFile = (path, ...rest) => {
      const own = files.get(path);
      return own === undefined ? getSourceFile.call(host, path, ...rest) : ts.createSourceFile(path, own, rest[0]);
    };
    const program = ts.createProgram([...files.keys()], options, host);
    const errors = [...files.keys()].flatMap((path) => {
      const source = program.getSourceFile(path);
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    });
    expect(errors.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))).toEqual([]);
  }, 60_000);

  test('given the calls that it names, when looked up in the contract’s list, then none is missing', () => {
    const calls = `auth.token: create createOrphan lookupSelf renewSelf revokeSelf; auth.appRole: login generateSecretId; auth.kubernetes: login;
      auth.userpass: login; auth.jwt: login; auth.cert: login; auth.awsIam: login; kv.v1: read write list delete;
      kv.v2: read createOrUpdate patch list delete deleteVersions undelete destroy readMetadata updateMetadata deleteMetadataAndAllVersions;
      database: generateCredentials readStaticCredentials; aws: generateCredentials generateStsCredentials; pki: issue sign revoke readCa;
      transit: encrypt decrypt rewrap sign verify hmac generateDataKey; sys: health sealStatus seal unseal listAuthMethods enableAuthMethod
      disableAuthMethod listMounts enableEngine disableEngine listAuditDevices enableAuditDevice disableAuditDevice listPolicies readPolicy
      createOrUpdatePolicy deletePolicy capabilitiesSelf; sys.leases: lookup list renew revoke revokePrefix revokeForce; sys.wrapping: wrap unwrap`;
    const table = text.slice(text.indexOf('## From hvac'));
    const missing = calls.split(';').flatMap((group) => {
      const [holder = '', names = ''] = group.split(':');
      const wanted = names.trim().split(/\s+/);
      return wanted.filter((name) => !table.includes(`${name}(`)).map((name) => `${holder.trim()}.${name}`);
    });
    expect(missing).toEqual([]);
  });
});
