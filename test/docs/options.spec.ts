import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { rowsOf } from './markdown.js';

const root = process.cwd();

/** One for all files: those of the entries, and what they import. */
let program: ts.Program;
let checker: ts.TypeChecker;
beforeAll(() => {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const entries = Object.values(config.compilerOptions.paths as Record<string, string[]>).flat();
  program = ts.createProgram(
    entries.map((entry) => join(root, entry)),
    options,
  );
  checker = program.getTypeChecker();
}, 60_000);

const exportsOf = (file: string): ts.Symbol[] =>
  checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(join(root, file))!)!);

/** The options of exported types, nested ones as `cache.maxAge`, with what each says is its default. */
function optionsOf(file: string, ...types: string[]): Map<string, string | undefined> {
  const exported = exportsOf(file);
  const found = new Map<string, string | undefined>();

  const add = (type: ts.Type, prefix: string): void => {
    for (const part of type.isUnion() ? type.types : [type]) {
      for (const member of part.getProperties()) {
        const declaration = member.declarations?.[0];
        if (!declaration) continue;
        const inner = checker.getNonNullableType(checker.getTypeOfSymbol(member));
        const literal = inner.symbol?.flags & ts.SymbolFlags.TypeLiteral;
        const name = `${prefix}${member.name}`;
        const isFunction = inner.getCallSignatures().length > 0;
        if (literal && !isFunction && inner.getStringIndexType() === undefined) add(inner, `${name}.`);
        else found.set(name, defaultOf(member) ?? found.get(name));
      }
    }
  };
  const defaultOf = (member: ts.Symbol): string | undefined => {
    const tag = member.getJsDocTags(checker).find(({ name }) => name === 'default');
    return tag && ts.displayPartsToString(tag.text);
  };
  for (const name of types) {
    const symbol = exported.find((candidate) => candidate.name === name);
    if (!symbol) throw new Error(`${file} exports no ${name}.`);
    add(checker.getDeclaredTypeOfSymbol(symbol), '');
  }
  return found;
}

const typeOf = (file: string, name: string): ts.Type =>
  checker.getDeclaredTypeOfSymbol(exportsOf(file).find((symbol) => symbol.name === name)!);

/** The texts of a union of texts. */
const unionOf = (file: string, name: string): string[] =>
  (typeOf(file, name) as ts.UnionType).types.map((type) => (type as ts.StringLiteralType).value);

const publicMembersOf = (file: string, name: string): string[] =>
  typeOf(file, name)
    .getProperties()
    .filter(({ valueDeclaration, name: member }) => {
      const flags = valueDeclaration && ts.getCombinedModifierFlags(valueDeclaration);
      const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
      return !member.includes('#') && !member.startsWith('__') && !(flags! & hidden);
    })
    .map(({ name: member }) => member);

describe('tables of options', () => {
  it('given the options of the module, when their page is read, then it has a row for each, and no other, with its default', () => {
    const options = optionsOf('lib/nest/module/module-options.ts', 'HcpVaultModuleOptions', 'HcpVaultModuleStatic');
    const rows = rowsOf('docs/reference/options.md', 'option');
    expect([...rows.keys()].sort()).toEqual([...options.keys()].sort());
    for (const [name, value] of options) {
      const [first] = value?.split(/[,;]| where/) ?? [];
      if (first) expect(`${name}: ${rows.get(name)![0]!.replaceAll('`', '')}`).toContain(first);
    }
  });

  it('given the options of hcpVaultSecrets, when its page is read, then it has a row for each, and no other', () => {
    const options = optionsOf('lib/sources/hcp-vault-secrets/hcp-vault-secrets.options.ts', 'HcpVaultSecretsOptions');
    const rows = rowsOf('docs/sources/hcp-vault-secrets.md', 'option');
    expect([...rows.keys()].sort()).toEqual([...options.keys()].sort());
  });

  it('given the options of diskCache, when its page is read, then it has a row for each, and no other, with its default', () => {
    const options = optionsOf('lib/caches/disk/disk-cache.options.ts', 'DiskCacheOptions');
    const rows = rowsOf('docs/shared-caches.md', 'option');
    expect([...rows.keys()].sort()).toEqual([...options.keys()].sort());
    for (const [name, value] of options) if (value) expect(rows.get(name)![0]).toContain(value);
  });

  it('given the options of googleSecretManager, when its page is read, then it has a row for each, and no other, with its default', () => {
    const options = optionsOf(
      'lib/sources/gcp/secret-manager/google-secret-manager.options.ts',
      'GoogleSecretManagerOptions',
    );
    const rows = rowsOf('docs/sources/google-secret-manager.md', 'option');
    expect([...rows.keys()].sort()).toEqual([...options.keys()].sort());
    for (const [name, value] of options) {
      const [first] = value?.split(/[,;:]| where/) ?? [];
      if (first) expect(`${name}: ${rows.get(name)![0]!.replaceAll('`', '')}`).toContain(first);
    }
  });

  it('given the options of secretsGuard, when its page is read, then it has a row for each, and no other, with its default', () => {
    const options = optionsOf('lib/core/guard/guard-options.ts', 'SecretsGuardOptions');
    const rows = rowsOf('docs/secrets-guard.md', 'option');
    expect([...rows.keys()].sort()).toEqual([...options.keys()].sort());
    for (const [name, value] of options) if (value) expect(rows.get(name)![0]).toContain(value);
  });

  it('given the options of HcpVaultStatusModule, when its page is read, then it has a row for each, and no other, with its default', () => {
    const options = optionsOf('lib/nest/status/status-options.ts', 'HcpVaultStatusOptions');
    const rows = rowsOf('docs/status-page.md', 'option');
    expect([...rows.keys()].sort()).toEqual([...options.keys()].sort());
    for (const [name, value] of options) if (value) expect(rows.get(name)![0]).toContain(value);
  });

  it('given the options of openTelemetry, when its page is read, then it has a row for each, and no other, with its default', () => {
    const options = optionsOf('lib/telemetry/opentelemetry/opentelemetry.options.ts', 'OpenTelemetryOptions');
    const rows = rowsOf('docs/metrics.md', 'option');
    expect([...rows.keys()].sort()).toEqual([...options.keys()].sort());
    for (const [name, value] of options) if (value) expect(rows.get(name)![0]).toContain(value);
  });

  it('given the options of azureKeyVault, when its page is read, then it has a row for each, and no other', () => {
    const options = optionsOf('lib/sources/azure/azure-key-vault.options.ts', 'AzureKeyVaultOptions');
    const names = new Set([...options.keys()].map((name) => name.split('.')[0]!));
    expect([...rowsOf('docs/sources/azure-key-vault.md', 'option').keys()].sort()).toEqual([...names].sort());
  });

  it('given the options of sqsEvents, when the page of channels is read, then it has a row for each', () => {
    const options = optionsOf('lib/sources/aws/sqs-events/sqs-events.options.ts', 'SqsEventsOptions');
    const rows = rowsOf('docs/channels.md', 'option'); // of other channels too
    expect([...options.keys()].filter((name) => !rows.has(name))).toEqual([]);
  });

  it('given the options of kubernetesSecrets, when its page is read, then it has a row for each, and no other', () => {
    const options = optionsOf('lib/sources/kubernetes/kubernetes.options.ts', 'KubernetesSecretsOptions');
    expect([...rowsOf('docs/sources/kubernetes.md', 'option').keys()].sort()).toEqual([...options.keys()].sort());
  });

  it('given the fields of a secret’s status, when the page is read, then it has a row for each, and no other', () => {
    const fields = optionsOf('lib/core/client/status.ts', 'SecretStatus');
    expect([...rowsOf('docs/reference/status.md', 'field').keys()].sort()).toEqual([...fields.keys()].sort());
  });

  it('given the types of events, when the page is read, then it has a row for each, and no other', () => {
    const types = unionOf('lib/core/refresh/secret-events.ts', 'SecretEventType');
    expect([...rowsOf('docs/reference/events.md', '`type`').keys()].sort()).toEqual(types.sort());
  });

  it('given the calls of the client, when the page is read, then it has a row for each, and no other', () => {
    const calls = publicMembersOf('lib/core/client/hcp-vault-client.ts', 'HcpVaultClient');
    const rows = [...rowsOf('docs/reference/calls.md', 'call').keys()].map((call) => /^\w+\$?/.exec(call)![0]);
    expect(rows.sort()).toEqual(calls.sort());
  });
});
