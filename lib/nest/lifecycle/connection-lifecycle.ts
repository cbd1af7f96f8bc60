import type { OnApplicationShutdown, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import type { ConfigViews } from '../config/config-views.js';
import { refuseScopedHandlers } from '../injection/decorated-secrets.js';
import type { SecretLinker } from '../injection/secret-providers.host.js';
import { appStart } from './app-start.js';
import type { RefreshSchedule } from './refresh-schedule.js';

/** Starts and stops a connection with the app. Nothing is started before `onModuleInit`: Nest calls no hook after a bootstrap that failed. */
export class ConnectionLifecycle implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  constructor(
    private readonly runtime: SecretRuntime,
    private readonly linker: SecretLinker,
    private readonly views: ConfigViews,
    private readonly schedule: RefreshSchedule,
    private readonly container: ModulesContainer,
  ) {}

  onModuleInit(): void {
    refuseScopedHandlers(this.container, this.runtime.connection);
    appStart.done(this.container, this.runtime);
    this.views.bind(this.runtime);
    this.schedule.start();
  }

  /** HTTP requests may still be in flight: values go on working. */
  onModuleDestroy(): void {
    this.runtime.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    this.linker.unlink();
    await this.runtime.shutdown();
  }
}
