import type { INestApplication } from '@nestjs/common';
import { Controller } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HcpVaultClient, HcpVaultModule } from 'nestjs-hcp-vault';
import { appRole, databaseCredentials, vault } from '../../../lib/sources/vault/index.js';
import { CapturedLogger } from '../../support/captured-logger.js';
import type { Parts } from '../../support/starting-apps.js';
import { appModule, fails, later, startBy } from '../../support/starting-apps.js';

export interface Server {
  readonly address: string;
  readonly login: { readonly roleId: string; readonly secretId: string };
}

@Controller()
class FailingController {
  constructor() {
    fails();
  }
}

/** Where an app fails that is not made yet: we hear of it. */
const failures: readonly Parts[] = [
  { providers: [{ provide: 'F', useFactory: () => fails() }] },
  { providers: [{ provide: 'F', useFactory: () => later(20).then(() => fails()) }] },
  { providers: [{ provide: 'F', inject: [HcpVaultClient], useFactory: () => fails() }] },
  { controllers: [FailingController] },
];

/** The short life is two minutes here: what is gone sooner was ended. */
const withDatabase = ({ address, login }: Server, parts: Parts): Parts => {
  const source = vault({ address, auth: appRole(login), secrets: { DB: databaseCredentials('app') } });
  return { imports: [HcpVaultModule.forRoot({ source, required: ['DB'] })], ...parts };
};

/** Starts apps that fail, in this process, one after the other. Gives their number. */
export async function failEach(server: Server): Promise<number> {
  const ways = Object.values(startBy);
  for (const [index, parts] of failures.entries()) {
    const start = ways[index % ways.length]!;
    await expect(start(withDatabase(server, parts), new CapturedLogger())).rejects.toThrow('on purpose');
  }
  return failures.length;
}

/** Apps one of whose hooks has failed, in this process. Nest tells nobody but who has started it. */
export async function failInHooks(server: Server): Promise<INestApplication[]> {
  const hooks = [{ onModuleInit: () => fails() }, { onApplicationBootstrap: () => fails() }];
  const apps: INestApplication[] = [];
  for (const useValue of hooks) {
    const module = appModule(withDatabase(server, { providers: [{ provide: 'HOOK', useValue }] }));
    const app = await NestFactory.create(module, { abortOnError: false, logger: new CapturedLogger() });
    apps.push(app);
    await expect(app.init()).rejects.toThrow('on purpose');
  }
  return apps;
}
