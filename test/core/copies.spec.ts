import { readFileSync } from 'node:fs';
import { getSecretToken, HcpVaultModule, memorySource, registerSecrets } from 'nestjs-hcp-vault';
import { PACKAGE_VERSION } from '../../lib/core/package-version.js';

const loadedCopies = (): { version: string; place: string }[] =>
  (globalThis as unknown as Record<symbol, { version: string; place: string }[]>)[
    Symbol.for('nestjs-hcp-vault.copies')
  ]!;

describe('copies of the package in one process', () => {
  it('given package.json, when its version is compared, then the code knows it', () => {
    expect((JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version).toBe(PACKAGE_VERSION);
  });

  it('given another version that is loaded, when this one is first used, then the error names both, and their places', () => {
    const known = loadedCopies();
    expect(known.at(-1)).toEqual({ version: PACKAGE_VERSION, place: expect.stringMatching(/lib\/core\/copies\.ts$/) });
    known.push({
      version: '0.0.9',
      place: '/app/node_modules/old/node_modules/nestjs-hcp-vault/dist/esm/core/copies.js',
    });
    try {
      for (const use of [
        () => HcpVaultModule.forRoot({ source: memorySource({}) }),
        () => HcpVaultModule.forRootAsync({ useFactory: () => ({}) }),
        () => getSecretToken('NEVER_RECORDED_BEFORE'),
        () => registerSecrets('secrets'),
      ]) {
        expect(use).toThrow(
          expect.objectContaining({
            code: 'SECRET_CONFIGURATION',
            message: expect.stringMatching(
              /several versions of nestjs-hcp-vault are loaded in this process: 0\.1\.0 \(.*copies\.ts\), 0\.0\.9 \(\/app.*copies\.js\)\. .*npm dedupe/,
            ),
          }),
        );
      }
    } finally {
      known.pop();
    }
    expect(() => getSecretToken('NEVER_RECORDED_BEFORE')).not.toThrow();
  });
});
