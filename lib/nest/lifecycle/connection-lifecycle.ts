import type { OnApplicationBootstrap, OnApplicationShutdown, OnModuleDestroy, OnModuleInit } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import { startLine } from '../../core/client/start-line.js';
import type { CancelTimer } from '../../core/clock.js';
import type { ConfigViews } from '../config/config-views.js';
import { refuseScopedHandlers } from '../injection/decorated-secrets.js';
import type { SecretLinker } from '../injection/secret-linker.js';
import { AppStart } from './app-start.js';
import type { RefreshSchedule } from './refresh-schedule.js';
import { RefreshSignal } from './refresh-signal.js';

/** Milliseconds after the last hook of a start in which it may still fail: `listen` comes after it, and finds its port taken. */
const START_GOES_ON = 120_000;

/** Starts and stops a connection with the app. Nothing is started before `onModuleInit`: Nest calls no hook after a bootstrap that failed. */
export class ConnectionLifecycle
  implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown
{
  #cancelStartUp: CancelTimer | undefined;
  readonly #signal: RefreshSignal;

  constructor(
    private readonly runtime: SecretRuntime,
    private readonly linker: SecretLinker,
    private readonly views: ConfigViews,
    private readonly schedule: RefreshSchedule,
    private readonly container: ModulesContainer,
  ) {
    this.#signal = new RefreshSignal(runtime);
  }

  async onModuleInit(): Promise<void> {
    const start = AppStart.of(this.container);
    start.made();
    try {
      refuseScopedHandlers(this.container, this.runtime.connection);
      this.views.settle(this.runtime);
      await this.runtime.schemas.check();
      this.schedule.start();
      this.#signal.listen();
      this.runtime.log.info(startLine(this.runtime));
    } catch (error) {
      await start.fail();
      throw error;
    }
  }

  /** Where it never comes, or the process ends first, what the start obtained stays short-lived. */
  onApplicationBootstrap(): void {
    const { runtime } = this;
    runtime.schemas.warnOfUnasked();
    if (!runtime.source.startUp) return;
    this.#cancelStartUp = runtime.clock.setTimer(() => runtime.endStartUp(), START_GOES_ON);
  }

  /** HTTP requests may still be in flight: values go on working. */
  onModuleDestroy(): void {
    this.#cancelStartUp?.();
    this.#signal.end();
    this.runtime.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    this.linker.unlink();
    await this.runtime.shutdown();
  }
}
