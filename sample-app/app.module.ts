import { Module } from '@nestjs/common';
import { ConfigModule } from '@nestjs/config';
import { ScheduleModule } from '@nestjs/schedule';
import { HcpVaultModule, HcpVaultStatusModule } from 'nestjs-hcp-vault';
import { Backend } from './backend/backend.js';
import { BackendModule } from './backend/backend.module.js';
import { LoopbackOnly } from './page/loopback-only.guard.js';
import { PageController } from './page/page.controller.js';
import { SecretsOverview } from './page/secrets.overview.js';
import { RecipesModule } from './recipes/recipes.module.js';
import { secretsConfig } from './recipes/secrets.config.js';

@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [secretsConfig] }),
    BackendModule,
    ScheduleModule.forRoot(), // optional: with it, the refresh job stands in SchedulerRegistry
    HcpVaultModule.forRootAsync({
      imports: [BackendModule],
      inject: [Backend],
      useFactory: (backend: Backend) => backend.secretOptions(),
    }),
    HcpVaultStatusModule.register({ guard: LoopbackOnly, actions: true }), // for operators, at /secrets-status
    RecipesModule,
  ],
  controllers: [PageController],
  providers: [SecretsOverview],
})
export class AppModule {}
