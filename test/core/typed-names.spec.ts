import { untyped } from 'nestjs-hcp-vault';
import { errorsOf } from '../docs/compiler.js';

const many = Array.from({ length: 300 }, (_, index) => `SECRET_NUMBER_${index}: string;`).join(' ');

/** What the compiler says to each line, in an app that declares three hundred secrets. */
function said(...lines: string[]): string[] {
  const code = `
    import { getSecretToken, type HcpVaultClient, InjectSecret } from 'nestjs-hcp-vault';
    declare module 'nestjs-hcp-vault' {
      interface SecretTypes { DB: { user: string }; ${many} }
      interface ConnectionSecretTypes { reports: { KEY: string } }
    }
    declare const client: HcpVaultClient;
    declare const reports: HcpVaultClient<'reports'>;
    ${lines.join('\n')}
    export { getSecretToken, InjectSecret };
  `;
  return errorsOf([{ place: 'typed.ts:1', code }]).map((text) => text.replace(/^\S+ /, ''));
}

describe('names that the compiler checks', () => {
  it('given an untyped name, when it is used, then it is the name', () => {
    expect(untyped('ANY')).toBe('ANY');
  });

  it('given three hundred names, when one is misspelt, then the compiler says so in a line', () => {
    const none = 'is not assignable to parameter of type';
    expect(
      said(
        `client.get('DBB');`,
        `client.fetch('DBB');`,
        `client.ref('DBB');`,
        `client.withSecret('DBB', async () => 1);`,
        `client.get<string>('DB');`,
        `getSecretToken('DBB');`,
        `reports.get('DB');`,
        `export class A { @InjectSecret('DB', { connection: 'reports' }) readonly key!: string; }`,
      ),
    ).toEqual([
      `Argument of type '"DBB"' ${none} 'UntypedName | keyof SecretTypes'.`,
      `Argument of type '"DBB"' ${none} 'UntypedName | keyof SecretTypes'.`,
      `Argument of type '"DBB"' ${none} 'UntypedName | keyof SecretTypes'.`,
      `Argument of type '"DBB"' ${none} 'UntypedName | keyof SecretTypes'.`,
      `Argument of type '"DB"' ${none} 'UntypedName | NamesThatFit<string, SecretTypes>'.`,
      `Argument of type '"DBB"' ${none} 'UntypedName | keyof SecretTypes'.`,
      `Argument of type '"DB"' ${none} 'UntypedName | "KEY"'.`,
      `Argument of type '"DB"' ${none} 'UntypedName | "KEY"'.`,
    ]);
  }, 60_000);
});
