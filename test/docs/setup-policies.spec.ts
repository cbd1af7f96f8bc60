import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { called } from '../cli/support/called.js';
import { textOf } from './markdown.js';

// No cloud is there to type these into: what is to be typed is what `policy` prints.
describe('rights in the pages on Google and Azure', () => {
  const folder = mkdtempSync(join(tmpdir(), 'setup-policies-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    ['docs/setup/google.md', 'google-secret-manager', ['app_DB', 'app_STRIPE_KEY'], 'project "shop-prod", https://secretmanager.googleapis.com', ['--for', 'gcp', '--principal', 'shop@shop-prod.iam.gserviceaccount.com']], // prettier-ignore
    ['docs/setup/azure.md', 'azure-key-vault', ['DB', 'STRIPE-KEY'], 'https://shop-prod.vault.azure.net', ['--for', 'azure', '--vault-id', '/subscriptions/SUBSCRIPTION/resourceGroups/shop/providers/Microsoft.KeyVault/vaults/shop-prod']], // prettier-ignore
  ])(
    'given %s, when `policy` prints for its secrets, then the page has each line',
    async (page, source, names, at, options) => {
      const file = join(folder, `${source}.json`);
      const secrets = names.map((name) => ({ name, connection: 'default', source, stale: false, places: [{ source, name, at }] })); // prettier-ignore
      writeFileSync(file, JSON.stringify(secrets));
      const { out } = await called(['policy', '--status', file, ...options]);
      const lines = out.trim().split('\n');
      expect(lines.length).toBeGreaterThan(1);
      for (const line of lines) expect(textOf(page).replaceAll('\\"', '"')).toContain(`$ ${line.replaceAll('\\"', '"')}\n`); // prettier-ignore
    },
  );
});
