import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { Backend } from './backend/backend.js';
import { endWithNpm } from './end-with-npm.js';
import { listen } from './listen.js';

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, {
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
  app.useLogger(['warn', 'error', 'fatal']);
  console.log(`Sample app is up: ${url} (${app.get(Backend).description})`);
}

main().catch((error: unknown) => {
  console.error(`Sample app could not start: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
