import { guardedLogger } from '../../core/refresh/guarded-logger.js';
import { Logger } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import type { Dependent, SecretRuntime } from '../../core/client/secret-runtime.js';
import { systemClock } from '../../core/clock.js';
import { sharedByCopies } from '../../core/shared-by-copies.js';
import { SecretBootstrapError } from '../../core/errors/index.js';
import type { SecretSource } from '../../core/source/secret-source.js';
import { hearStartFailures } from './start-failures.js';

/** Milliseconds from a failure elsewhere to the end of what was opened. An app whose start goes on all the same has called our hook by then. */
const GRACE = 100;

const starts = sharedByCopies('starts', () => new WeakMap<ModulesContainer, AppStart>());

/** Sources that a start which failed is about to close. The next start, tried at once by the same code, may have the same ones: it waits. */
const closing = sharedByCopies('closing-sources', () => new WeakMap<SecretSource, Promise<unknown>>());

/**
 * The start of one app, in which nobody ends what was opened: Nest calls no hook where a start fails. Whatever of ours fails, ends what all
 * connections of the app have opened before its error goes on; what fails elsewhere is listened for.
 */
export class AppStart {
  readonly #runtimes = new Set<SecretRuntime>();
  #listening = false;
  /** All of the app is made: from now on Nest's hooks end it. */
  #made = false;
  #failed = false;
  /** Since something failed elsewhere: resolves when all is ended, or the start goes on. */
  #doubt: Promise<void> | undefined;
  #endDoubt: () => void = () => undefined;

  private constructor(private readonly container: ModulesContainer) {}

  static of(container: ModulesContainer): AppStart {
    const start = starts.get(container) ?? new AppStart(container);
    starts.set(container, start);
    return start;
  }

  /** Of all connections of the app that are open. */
  get runtimes(): readonly SecretRuntime[] {
    return [...this.#runtimes];
  }

  get isMade(): boolean {
    return this.#made;
  }

  /** Listens for what fails elsewhere. Called before the first reading: much of an app is made, or fails, meanwhile. */
  listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    hearStartFailures(this.container, (name) => this.#heard(name));
  }

  /** Does a part of the start. In an app that is made already, as in a module that is loaded later, it fails alone. */
  async part<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!this.#made) await this.fail();
      throw error;
    }
  }

  /** Opens a connection. Rejects where the start has failed meanwhile, or before. */
  async open(runtime: SecretRuntime, bootstrap: () => Promise<void>): Promise<void> {
    this.#runtimes.add(runtime);
    const before = closing.get(runtime.source);
    if (this.#doubt) this.#close(this.#doubt);
    await before;
    if (!this.#failed) await bootstrap();
    if (!this.#failed) return;
    await runtime.shutdown();
    throw this.#tooLate();
  }

  /** Makes what follows a connection's rotations, as a part of the start. Where that has failed meanwhile, it ends at once. */
  follow<T extends Dependent>(runtime: SecretRuntime, making: Promise<T>): Promise<T> {
    return this.part(async () => {
      const dependent = await making;
      if (this.#failed) {
        await dependent.close?.();
        throw this.#tooLate();
      }
      runtime.addDependent(dependent);
      return dependent;
    });
  }

  /** All of the app is made, and Nest calls its hooks. */
  made(): void {
    if (this.#failed) throw this.#tooLate();
    this.#made = true;
    this.#endDoubt();
  }

  /** The start fails: ends what the app's connections have opened. Never rejects. */
  async fail(): Promise<void> {
    this.#failed = true;
    const ended = Promise.allSettled([...this.#runtimes].map((runtime) => runtime.shutdown()));
    this.#close(ended);
    await ended;
    this.#endDoubt();
  }

  #heard(name: string): void {
    if (this.#made || this.#failed || this.#doubt) return;
    this.#doubt = new Promise((resolve) => {
      // A process that lives on by nothing else lives until it is done.
      const cancel = systemClock.setTimer(() => void this.#failedAt(name), GRACE, true);
      this.#endDoubt = () => {
        cancel();
        resolve();
      };
    });
    this.#close(this.#doubt);
  }

  async #failedAt(name: string): Promise<void> {
    if (this.#failed) return;
    if (this.#runtimes.size > 0) {
      const connections = [...this.#runtimes].map(({ connection }) => `"${connection}"`).join(', ');
      guardedLogger(new Logger('HcpVaultModule')).warn(
        `The app's start failed at ${name}. What it had opened is ended: leases, tokens and sources of ${connections}.`,
      );
    }
    await this.fail();
  }

  #close(ended: Promise<unknown>): void {
    for (const { source } of this.#runtimes) closing.set(source, ended);
  }

  #tooLate(): SecretBootstrapError {
    return new SecretBootstrapError("the app's start has failed elsewhere: its secrets are not opened.");
  }
}
