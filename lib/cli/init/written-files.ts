import type { SourceChoice } from './source-choice.js';
import type { TestRunner } from './nest-project.js';

/** The secret that a fresh project begins with. */
export const EXAMPLE = 'EXAMPLE_KEY';

/** What the root module imports of `secrets.ts`. */
export const SECRETS_MODULE = 'secretsModule';

/** `secrets.ts`: which secrets there are, of which types, and where they come from. */
export function secretsFile(source: SourceChoice, app: string): string {
  const names = new Map<string, Set<string>>([[MAIN, new Set(['fileSource', 'HcpVaultModule', 'type SecretSource'])]]);
  for (const [from, imported] of Object.entries(source.imports)) {
    names.set(from, new Set([...(names.get(from) ?? []), ...imported]));
  }
  return `${[...names].map(([from, imported]) => importLine([...imported], from)).join('\n')}

/** The secrets of this app, and their types. */
declare module '${MAIN}' {
  interface SecretTypes {
    ${EXAMPLE}: string;
  }
}

/** In production ${source.title}; elsewhere the file .env: save it, and the running app has the new values. */
const source = (): SecretSource =>
  process.env.NODE_ENV === 'production'
    ? ${source.expression(app).replaceAll('\n', '\n      ')}
    : fileSource('.env', { ${source.givesObjects ? 'json: true, ' : ''}optional: true });

export const ${SECRETS_MODULE} = HcpVaultModule.forRootAsync({
  useFactory: () => ({ source: source() }),
});
`;
}

/** `secrets.spec.ts`: a test with a secret of its own. */
export function exampleTest(runner: TestRunner, hasGlobals: boolean): string {
  const from = runner === 'vitest' ? 'vitest' : '@jest/globals';
  const globals = runner === 'jest' && hasGlobals ? '' : `\n${importLine(['describe', 'expect', 'it'], from)}`;
  return `import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { InjectSecret, untyped } from '${MAIN}';
${importLine(['HcpVaultTestClient', 'HcpVaultTestingModule'], `${MAIN}/testing`)}${globals}

@Injectable()
class Example {
  // A secret of this test only, whatever SecretTypes declares.
  @InjectSecret(untyped('${EXAMPLE}')) readonly key!: string;
}

describe('a secret', () => {
  it('shows its new value after a rotation', async () => {
    const app = await Test.createTestingModule({
      imports: [HcpVaultTestingModule.forTest({ ${EXAMPLE}: 'before' })],
      providers: [Example],
    }).compile();
    await app.init();
    const example = app.get(Example);
    expect(example.key).toBe('before');

    await app.get(HcpVaultTestClient).rotate('${EXAMPLE}', 'after');
    expect(example.key).toBe('after');

    await app.close();
  });
});
`;
}

const MAIN = 'nestjs-hcp-vault';

/** As prettier writes it in a fresh app of Nest. */
function importLine(names: readonly string[], from: string): string {
  const sorted = [...names].sort(byName);
  const line = `import { ${sorted.join(', ')} } from '${from}';`;
  return line.length <= 80 ? line : `import {\n${sorted.map((name) => `  ${name},\n`).join('')}} from '${from}';`;
}

const byName = (one: string, other: string): number =>
  one.replace('type ', '').toLowerCase().localeCompare(other.replace('type ', '').toLowerCase(), 'en');
