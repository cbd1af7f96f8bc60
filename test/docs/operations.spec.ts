import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { HcpVaultClient, HcpVaultModule, InjectSecret } from 'nestjs-hcp-vault';
import { runtimes } from '../../lib/core/client/runtimes.js';
import { StatusFeed } from '../../lib/core/status/status-feed.js';
import type { StatusReport } from '../../lib/core/status/status-report.js';
import { replicaText } from '../../lib/cli/status/status-text.js';
import { token, vault } from '../../lib/sources/vault/index.js';
import { describeWith } from '../servers/available.js';
import { startDevVault, type VaultServer } from '../servers/vault.server.js';
import { clientTo, closeClients } from '../sources/vault/support/clients.js';
import { CapturedLogger } from '../support/captured-logger.js';
import { pages, rowsOf, textOf } from './markdown.js';

@Injectable()
class Payments {
  @InjectSecret('STRIPE_KEY') readonly key!: string;
  @InjectSecret('SMTP_PASSWORD') readonly password!: string;
}

describe('metrics and alerts in docs/operations', () => {
  const rules = textOf('docs/operations/alerts.yml');

  it.each(pages().filter((page) => page.startsWith('docs/operations/')))(
    'given %s, when its names of metrics and rules are looked up, then the rules have them',
    (page) => {
      const names = [...textOf(page).matchAll(/secret_client_[a-z_]+|`(Secret[A-Z][A-Za-z]+)`/g)];
      expect(names.map(([all, rule]) => rule ?? all).filter((name) => !rules.includes(name) && !/Error$/.test(name))).toEqual([]); // prettier-ignore
    },
  );
});

describe('the page of alerts', () => {
  it('given the rules, when its table is read, then each stands there with its severity', () => {
    const rules = [...textOf('docs/operations/alerts.yml').matchAll(/- alert: (\w+)[^]*?severity: (\w+)/g)];
    const rows = [...rowsOf('docs/operations/alerts.md', 'rule')];
    expect(rules.length).toBeGreaterThan(10);
    expect(rows.map(([name, [severity]]) => [name, severity]).sort()).toEqual(
      rules.map(([, name, severity]) => [name, severity]).sort(),
    );
  });
});

describeWith(['vault'], 'docs/operations', () => {
  let server: VaultServer;
  beforeAll(async () => void (server = await startDevVault()), 60_000);
  afterAll(async () => {
    await closeClients();
    await server?.stop();
  });

  /** Times, addresses, which of the two comes first, and what is due when are others at each run. */
  const shown = (text: string): string =>
    text
      .replaceAll(server.address, 'https://vault.internal:8200')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, 'TIME')
      .replaceAll(/\d+ s\b/g, 'N s')
      .replaceAll(/A refresh is due now|Next refresh in N s/g, 'NEXT')
      .replaceAll(/the next try is at TIME|it is being read now/g, 'NEXT')
      .replaceAll(/STRIPE_KEY|SMTP_PASSWORD/g, 'NAME')
      .replaceAll(/ {2,}/g, '  ');

  test('given a secret that is denied, then a source that is gone, when log, status and error are looked at, then the pages show them as they are', async () => {
    const root = clientTo(server);
    const policy = (capability: string) =>
      root.sys.createOrUpdatePolicy('shop', `path "secret/data/prod/shop" { capabilities = ["${capability}"] }`);
    await policy('read');
    await root.kv.v2.createOrUpdate('prod/shop', { STRIPE_KEY: 'canary-one', SMTP_PASSWORD: 'canary-word' });
    const auth = token((await root.auth.token.create({ policies: ['shop'], ttl: '1h' })).auth.client_token);
    const logger = new CapturedLogger();
    const module = await Test.createTestingModule({
      imports: [
        HcpVaultModule.forRoot({
          source: vault({ address: server.address, auth, kv: { document: 'prod/shop' } }),
          cache: { maxAge: '500ms', maxStale: '4s' },
          refresh: { jitter: 0 },
          retry: { base: '1m' }, // what fails together is told in one line: nothing is tried in between
        }),
      ],
      providers: [Payments],
    })
      .setLogger(logger)
      .compile();
    await module.init();
    const client = module.get(HcpVaultClient);
    const status = () => {
      const feed = new StatusFeed([runtimes.get(client)!], { host: 'web-1', pid: 7, version: '0.1.0' } as never);
      feed.look();
      return replicaText(JSON.parse(JSON.stringify(feed.report())) as StatusReport).trimEnd();
    };
    const line = async (part: string | RegExp) => {
      for (let tries = 0; ; tries += 1) {
        if (tries > 250) throw new Error(`${String(part)} in\n${logger.text}`);
        const found = logger.lines.find((one) => (typeof part === 'string' ? one.includes(part) : part.test(one)));
        if (found !== undefined) return found.replace(/(?: undefined)? HcpVaultModule$/, '');
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await root.kv.v2.patch('prod/shop', { STRIPE_KEY: 'canary-two' });
    await line('Rotated');
    const texts: string[] = [];
    await policy('deny');
    texts.push(await line('HTTP 403'), status());
    await policy('read');
    await client.refresh();
    texts.push(await line('are back'));
    await server.stop('SIGKILL');
    texts.push(await line(/^(?!.*HTTP 403).*stay in use/));
    texts.push(await line('older than `maxAge`'));
    await module.close();
    const page = shown(textOf('docs/operations/stale-secret.md'));
    for (const text of texts) expect(page).toContain(shown(text));
  }, 30_000);
});
