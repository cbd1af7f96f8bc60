import { jest } from '@jest/globals';
import type { INestApplicationContext, Provider, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import type { CapturedLogger } from './captured-logger.js';

export interface Parts {
  readonly imports?: unknown[];
  readonly providers?: unknown[];
  readonly controllers?: unknown[];
}

export function appModule({ imports = [], providers = [], controllers = [] }: Parts): Type {
  @Module({ imports: imports as [], providers: providers as Provider[], controllers: controllers as [] })
  class AppModule {}
  return AppModule;
}

type Start = (parts: Parts, logger: CapturedLogger) => Promise<INestApplicationContext>;

/**
 * The ways in which an app is made in a process that lives on after its start has failed. All say so: NestFactory keeps what the last app
 * was given for all that it is making, and would end the test's process.
 */
export const startBy = {
  create: async (parts, logger) =>
    (await NestFactory.create(appModule(parts), { abortOnError: false, logger, forceCloseConnections: true })).init(),
  createApplicationContext: (parts, logger) =>
    NestFactory.createApplicationContext(appModule(parts), { abortOnError: false, logger }),
  createTestingModule: async (parts, logger) =>
    (
      await Test.createTestingModule(parts as object)
        .setLogger(logger)
        .compile()
    ).init(),
} satisfies Record<string, Start>;

/** Waits, in the tests' own time. */
export const later = (milliseconds: number): Promise<void> =>
  new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

export const fails = (why = 'on purpose'): never => {
  throw new Error(why);
};

/** Time is faked, the event loop is not: files and sockets go on. */
export function fakeTime(): void {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
}

/** Lets faked time pass, with turns of the event loop in between. */
export async function pass(milliseconds: number): Promise<void> {
  for (let passed = 0; passed < milliseconds; passed += 10) {
    await jest.advanceTimersByTimeAsync(10);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Lets faked time pass until a promise has settled. */
export async function during<T>(promise: Promise<T>): Promise<T> {
  let settled = false;
  const end = (): void => void (settled = true);
  promise.then(end, end);
  while (!settled) await pass(10);
  return promise;
}
