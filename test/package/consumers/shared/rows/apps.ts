import type { LoggerService, ModuleMetadata, Provider } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { TestingModule, TestingModuleBuilder } from '@nestjs/testing';
import { HcpVaultClient, HcpVaultModule, memorySource } from 'nestjs-hcp-vault';
import type { MemorySource, SecretSource } from 'nestjs-hcp-vault';

export const silent: LoggerService = { log() {}, warn() {}, error() {} };

export interface Started {
  readonly app: TestingModule;
  readonly source: MemorySource;
  /** Changes the backend, and has it seen. */
  rotate(values: Record<string, string>): Promise<void>;
}

export interface Parts extends Omit<ModuleMetadata, 'providers'> {
  readonly providers?: unknown[];
  readonly values?: Record<string, string>;
  readonly source?: SecretSource;
  prepare?(builder: TestingModuleBuilder): TestingModuleBuilder;
}

/** An app with the module and these parts, initialized. */
export async function start({
  values = { KEY: 'key-1' },
  source,
  prepare,
  imports = [],
  ...parts
}: Parts): Promise<Started> {
  const memory = memorySource(values);
  const builder = Test.createTestingModule({
    ...parts,
    providers: (parts.providers ?? []) as Provider[],
    imports: [HcpVaultModule.forRoot({ source: source ?? memory }), ...imports],
  }).setLogger(silent);
  const app = await (await (prepare?.(builder) ?? builder).compile()).init();
  return {
    app,
    source: memory,
    async rotate(next) {
      for (const [name, value] of Object.entries(next)) memory.rotate(name, value);
      await app.get(HcpVaultClient).refresh();
    },
  };
}

/** A unit test of a class without the module. */
export function unit(...providers: unknown[]): Promise<TestingModule> {
  return Test.createTestingModule({ providers: providers as Provider[] }).compile();
}

/** What something fails with. */
export async function failure(
  work: Promise<unknown> | (() => unknown),
): Promise<Error & { code?: string; errors?: unknown[] }> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    return error as Error;
  }
  throw new Error('It did not fail.');
}
