import 'reflect-metadata';
import { Injectable, Module } from '@nestjs/common';
import type { CanActivate, ExecutionContext, INestApplication } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { HcpVaultModule, HcpVaultStatusModule, InjectSecret, memorySource } from 'nestjs-hcp-vault';

const source = memorySource({ KEY: 'key-1' });

@Injectable()
class Payments {
  constructor(@InjectSecret('KEY') readonly key: string) {}
}

@Injectable()
class BadgeGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToHttp().getRequest<{ headers: Record<string, unknown> }>().headers['x-badge'] === 'good';
  }
}

/** Of the app: the page does not ask it. */
class NobodyGuard implements CanActivate {
  canActivate(): boolean {
    return false;
  }
}

@Module({
  imports: [
    HcpVaultModule.forRoot({ source, refresh: { enabled: false } }),
    HcpVaultStatusModule.register({ path: 'ops/secrets', guard: BadgeGuard, actions: true }),
  ],
  providers: [Payments, { provide: APP_GUARD, useClass: NobodyGuard }],
})
export class AppModule {}

/** Without a badge, then with it: version and users of the secret, what the page is, and what an action is answered. The app is closed with an open stream. */
export async function run(app: INestApplication): Promise<void> {
  app.setGlobalPrefix('api');
  await app.listen(0, '127.0.0.1');
  const url = `${await app.getUrl()}/api/ops/secrets`;
  const badge = { 'x-badge': 'good' };
  const read = async (): Promise<unknown> => {
    const refused = await fetch(url);
    const { secrets } = (await (await fetch(url, { headers: badge })).json()) as { secrets: { version: string; consumers: { name: string }[] }[] }; // prettier-ignore
    const page = await fetch(url, { headers: { ...badge, accept: 'text/html' } });
    const isWhole =
      /nonce-/.test(page.headers.get('content-security-policy') ?? '') && (await page.text()).includes('</html>');
    return [
      refused.status,
      secrets.map(({ version, consumers }) => [version, consumers.map(({ name }) => name)]),
      isWhole,
    ];
  };
  const before = await read();
  source.rotate('KEY', 'key-2');
  const headers = { ...badge, 'content-type': 'application/json', 'x-secrets-status': '1' };
  const body = JSON.stringify({ action: 'refresh', connection: 'default' });
  const acted = await fetch(`${url}/actions`, { method: 'POST', headers, body });
  if (acted.status !== 200) throw new Error(`the action was answered with ${acted.status}`);
  const after = await read();
  const stream = await fetch(`${url}/events`, { headers: badge });
  const reading = stream.text();
  const from = performance.now();
  await app.close();
  const took = performance.now() - from;
  if (took > 1_000) throw new Error(`closing took ${took} ms`);
  if (!(await reading).startsWith('event: report\n')) throw new Error('the stream had no report');
  console.log(JSON.stringify({ before, after }));
}
