import type { OnApplicationShutdown } from '@nestjs/common';
import type { HcpVaultModuleOptions } from 'nestjs-hcp-vault';
import { hcpVaultSecrets } from 'nestjs-hcp-vault';
import { HcpVaultSecretsEmulator } from 'nestjs-hcp-vault/testing';
import { APP_NAME, seed } from './seed.js';

/** Where the secrets come from: what the HCP_* variables name, or else an emulator in this process. */
export class Backend implements OnApplicationShutdown {
  private constructor(private readonly emulator?: HcpVaultSecretsEmulator) {}

  static async start(environment = process.env): Promise<Backend> {
    const configured = environment['HCP_CLIENT_ID'] || environment['HCP_CRED_FILE'];
    return new Backend(configured ? undefined : await HcpVaultSecretsEmulator.start(seed()));
  }

  get description(): string {
    return this.emulator
      ? 'secrets from an emulator in this process; one rotates every few seconds'
      : 'secrets from what the HCP_* variables name';
  }

  secretOptions(): HcpVaultModuleOptions {
    const { emulator } = this;
    if (!emulator) return { source: hcpVaultSecrets() };
    const { environment, apiUrl, authUrl } = emulator;
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
      // So that one sees rotations come in; the default is 25 minutes.
      cache: { maxAge: '1s' },
    };
  }

  /** What an administrator would do at the backend: the app is not told, and sees it at its next refresh. */
  rotate(name: string): void {
    this.emulator?.rotate(APP_NAME, name);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.emulator?.stop();
  }
}
