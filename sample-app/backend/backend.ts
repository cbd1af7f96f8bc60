import type { OnApplicationShutdown } from '@nestjs/common';
import type { HcpVaultModuleOptions } from 'nestjs-hcp-vault';
import { hcpVaultSecrets } from 'nestjs-hcp-vault';
import { EmbeddedBackend } from './embedded.backend.js';

/** Whether the HCP_* variables name secrets of the user's own. */
export const namesOwnSecrets = (environment = process.env): boolean =>
  Boolean(environment['HCP_CLIENT_ID'] || environment['HCP_CRED_FILE']);

/** Where the secrets come from: what the HCP_* variables name, or else an emulator in this process. */
export class Backend implements OnApplicationShutdown {
  private constructor(readonly embedded?: EmbeddedBackend) {}

  static async start(environment = process.env): Promise<Backend> {
    return new Backend(namesOwnSecrets(environment) ? undefined : await EmbeddedBackend.start());
  }

  get description(): string {
    return this.embedded ? 'secrets from an emulator in this process' : 'secrets from what the HCP_* variables name';
  }

  secretOptions(): HcpVaultModuleOptions {
    return this.embedded?.secretOptions() ?? { source: hcpVaultSecrets() };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.embedded?.stop();
  }
}
