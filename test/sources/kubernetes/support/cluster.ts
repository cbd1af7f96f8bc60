import { Test } from '@nestjs/testing';
import { HcpVaultClient, HcpVaultModule } from 'nestjs-hcp-vault';
import type { HcpVaultModuleOptions } from 'nestjs-hcp-vault';
import { removeFolders } from '../../../contract/support/temporary-folder.js';
import type { KubernetesServerOptions } from '../../../servers/kubernetes.server.js';
import { KubernetesServer } from '../../../servers/kubernetes.server.js';
import { CapturedLogger } from '../../../support/captured-logger.js';

/** One server for all tests of a file. */
export function withServer(options: () => Promise<KubernetesServerOptions> = () => Promise.resolve({})): {
  readonly server: KubernetesServer;
} {
  let server: KubernetesServer | undefined;
  beforeAll(async () => void (server = await KubernetesServer.start(await options())), 120_000);
  afterAll(async () => {
    await server?.destroy();
    removeFolders();
  });
  afterEach(async () => {
    for (const end of open.splice(0).reverse()) await end();
  });
  return {
    get server() {
      return server!;
    },
  };
}

const open: (() => unknown)[] = [];

/** Called when the test is over, the last one first. */
export const later = (end: () => unknown): void => void open.push(end);

/** An app with one connection; closed when the test is over. */
export async function startedApp(options: HcpVaultModuleOptions) {
  const logger = new CapturedLogger();
  const imports = [HcpVaultModule.forRoot({ refresh: { jitter: 0 }, ...options })];
  const module = await Test.createTestingModule({ imports }).setLogger(logger).compile();
  later(() => module.close());
  await module.init();
  const client = module.get(HcpVaultClient);
  const channel = () => client.status()[0]?.channel;
  return { module, client, logger, channel };
}

/** Waits until something is so; the test's own time-out is the bound. */
export async function until(isSo: () => boolean | Promise<boolean>, every = 20): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, every));
}
