import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { rowsOf } from './markdown.js';

const root = process.cwd();

/** The options of exported types, nested ones as `cache.maxAge`, with what each says is its default. */
function optionsOf(file: string, ...types: string[]): Map<string, string | undefined> {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, root);
  const program = ts.createProgram([join(root, file)], options);
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(join(root, file))!)!;
  const exported = checker.getExportsOfModule(module);
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

describe('tables of options', () => {
  it('given the options of the module, when the README is read, then it has a row for each, and no other, with its default', () => {
    const options = optionsOf('lib/nest/module/module-options.ts', 'HcpVaultModuleOptions', 'HcpVaultModuleStatic');
    const rows = rowsOf('README.md', 'option');
    expect([...rows.keys()].sort()).toEqual([...options.keys()].sort());
    for (const [name, value] of options) {
      const [first] = value?.split(/[,;]| where/) ?? [];
      if (first) expect(`${name}: ${rows.get(name)![0]!.replaceAll('`', '')}`).toContain(first);
    }
  }, 60_000);

  it('given the options of hcpVaultSecrets, when its page is read, then it has a row for each, and no other', () => {
    const options = optionsOf('lib/sources/hcp-vault-secrets/hcp-vault-secrets.options.ts', 'HcpVaultSecretsOptions');
    const rows = rowsOf('docs/sources/hcp-vault-secrets.md', 'option');
    expect([...rows.keys()].sort()).toEqual([...options.keys()].sort());
  }, 60_000);

  it('given the options of diskCache, when its page is read, then it has a row for each, and no other, with its default', () => {
    const options = optionsOf('lib/caches/disk/disk-cache.options.ts', 'DiskCacheOptions');
    const rows = rowsOf('docs/shared-caches.md', 'option');
    expect([...rows.keys()].sort()).toEqual([...options.keys()].sort());
    for (const [name, value] of options) if (value) expect(rows.get(name)![0]).toContain(value);
  }, 60_000);

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
  }, 60_000);

  it('given the options of secretsGuard, when its page is read, then it has a row for each, and no other, with its default', () => {
    const options = optionsOf('lib/core/guard/guard-options.ts', 'SecretsGuardOptions');
    const rows = rowsOf('docs/secrets-guard.md', 'option');
    expect([...rows.keys()].sort()).toEqual([...options.keys()].sort());
    for (const [name, value] of options) if (value) expect(rows.get(name)![0]).toContain(value);
  }, 60_000);

  it('given the options of HcpVaultStatusModule, when its page is read, then it has a row for each, and no other, with its default', () => {
    const options = optionsOf('lib/nest/status/status-options.ts', 'HcpVaultStatusOptions');
    const rows = rowsOf('docs/status-page.md', 'option');
    expect([...rows.keys()].sort()).toEqual([...options.keys()].sort());
    for (const [name, value] of options) if (value) expect(rows.get(name)![0]).toContain(value);
  }, 60_000);

  it('given the options of openTelemetry, when its page is read, then it has a row for each, and no other, with its default', () => {
    const options = optionsOf('lib/telemetry/opentelemetry/opentelemetry.options.ts', 'OpenTelemetryOptions');
    const rows = rowsOf('docs/metrics.md', 'option');
    expect([...rows.keys()].sort()).toEqual([...options.keys()].sort());
    for (const [name, value] of options) if (value) expect(rows.get(name)![0]).toContain(value);
  }, 60_000);

  it('given the options of azureKeyVault, when its page is read, then it has a row for each, and no other', () => {
    const options = optionsOf('lib/sources/azure/azure-key-vault.options.ts', 'AzureKeyVaultOptions');
    const names = new Set([...options.keys()].map((name) => name.split('.')[0]!));
    expect([...rowsOf('docs/sources/azure-key-vault.md', 'option').keys()].sort()).toEqual([...names].sort());
  }, 60_000);

  it('given the options of sqsEvents, when the page of channels is read, then it has a row for each', () => {
    const options = optionsOf('lib/sources/aws/sqs-events/sqs-events.options.ts', 'SqsEventsOptions');
    const rows = rowsOf('docs/channels.md', 'option'); // of other channels too
    expect([...options.keys()].filter((name) => !rows.has(name))).toEqual([]);
  }, 60_000);

  it('given the options of kubernetesSecrets, when its page is read, then it has a row for each, and no other', () => {
    const options = optionsOf('lib/sources/kubernetes/kubernetes.options.ts', 'KubernetesSecretsOptions');
    expect([...rowsOf('docs/sources/kubernetes.md', 'option').keys()].sort()).toEqual([...options.keys()].sort());
  }, 60_000);

  it('given the errors, when the README is read, then it has a row for each, with its code', () => {
    const leaves = readFileSync(join(root, 'lib/core/errors/leaves.ts'), 'utf8');
    const classes = [...leaves.matchAll(/class (\w+) extends SecretError \{[^]*?readonly code = '(\w+)'/g)];
    const rows = rowsOf('README.md', 'class');
    expect([...rows].map(([name, [code]]) => [name, code]).sort()).toEqual(
      classes.map(([, name, code]) => [name, `\`${code}\``]).sort(),
    );
  });
});
