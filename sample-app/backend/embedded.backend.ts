import type { HcpVaultModuleOptions } from 'nestjs-hcp-vault';
import { hcpVaultSecrets } from 'nestjs-hcp-vault';
import { HcpVaultSecretsEmulator } from 'nestjs-hcp-vault/testing';
import { z } from 'zod';
import type { AccessKey, Login } from './credentials.js';
import { APP_NAME, madeUp, seed } from './seed.js';

/** An emulator of HCP Vault Secrets in this process, and what its administrator does there. The app is told of nothing: it sees it at its next refresh. */
export class EmbeddedBackend {
  private isOut = false;

  private constructor(
    private readonly emulator: HcpVaultSecretsEmulator,
    /** What is there at the start: the other side has to know it too. */
    readonly login: Login,
    private readonly accessKey: AccessKey,
  ) {}

  static async start(): Promise<EmbeddedBackend> {
    const login = { username: 'app', password: madeUp('') };
    const accessKey = { access_key_id: madeUp('AKIA'), secret_access_key: madeUp('') };
    return new EmbeddedBackend(await HcpVaultSecretsEmulator.start(seed(login, accessKey)), login, accessKey);
  }

  secretOptions(): HcpVaultModuleOptions {
    const { environment, apiUrl, authUrl } = this.emulator;
    return {
      source: hcpVaultSecrets({
        clientId: environment.HCP_CLIENT_ID,
        clientSecret: environment.HCP_CLIENT_SECRET,
        organizationId: environment.HCP_ORGANIZATION_ID,
        projectId: environment.HCP_PROJECT_ID,
        appName: APP_NAME,
        apiUrl,
        authUrl,
      }),
      // So that one sees at once what comes in; the default is 25 minutes.
      cache: { maxAge: '500ms' },
      retry: { base: '100ms', max: '500ms' },
      schema: {
        DATABASE: z.object({ values: z.object({ username: z.string().min(1), password: z.string().min(12) }) }),
      },
    };
  }

  get isAway(): boolean {
    return this.isOut;
  }

  rotate(name: string): void {
    this.emulator.rotate(APP_NAME, name);
  }

  publish({ username, password }: Login): void {
    this.emulator.rotate(APP_NAME, 'DATABASE', { username, password });
  }

  /** As a slip of the hand would: there is a user, and the password was left out. */
  publishBroken(): void {
    this.emulator.rotate(APP_NAME, 'DATABASE', { username: 'app', password: '' });
  }

  takeAway(): void {
    this.isOut = true;
    this.emulator.fail({ status: 503 });
  }

  bringBack(): void {
    this.isOut = false;
    this.emulator.recover();
  }

  /** How many access keys were issued so far. */
  get issuedKeys(): number {
    return this.emulator.opened(APP_NAME, 'AWS');
  }

  /** The number of an access key that was issued here: 1, 2, …; 0 for any other. */
  numberOf({ access_key_id: id, secret_access_key: key }: AccessKey): number {
    const number = Number(/-(\d+)$/.exec(id)?.[1] ?? 0);
    const own = this.accessKey;
    return id === `${own.access_key_id}-${number}` && key === `${own.secret_access_key}-${number}` ? number : 0;
  }

  stop(): Promise<void> {
    return this.emulator.stop();
  }
}
