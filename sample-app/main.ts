import 'reflect-metadata';
import { ConsoleLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HcpVaultClient } from 'nestjs-hcp-vault';
import { secretsGuard } from 'nestjs-hcp-vault/guard';
import { AppModule } from './app.module.js';
import { Backend, namesOwnSecrets } from './backend/backend.js';
import { DemoModule } from './demo/demo.module.js';
import { endWithNpm } from './end-with-npm.js';
import { listen } from './listen.js';

async function main(): Promise<void> {
  const app = await NestFactory.create(namesOwnSecrets() ? AppModule : DemoModule, {
    logger: ['warn', 'fatal'],
    abortOnError: false, // what goes wrong at start is told below, in one line rather than with a stack
    forceCloseConnections: true, // browsers keep connections alive, and would hold up the end
  });
  app.enableShutdownHooks(['SIGTERM', 'SIGINT'], { useProcessExit: true });
  endWithNpm();
  const url = await listen(app).catch(async (error: unknown) => {
    await app.close();
    throw error;
  });
  // Whatever is logged from now on, no value of a secret is in it.
  app.useLogger(secretsGuard(app.get(HcpVaultClient)).logger(new ConsoleLogger({ logLevels: ['warn', 'error', 'fatal'] }))); // prettier-ignore
  console.log(`Sample app is up: ${url} (${app.get(Backend).description})`);
}

main().catch((error: unknown) => {
  console.error(`Sample app could not start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
