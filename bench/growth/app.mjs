// A Nest app over a source that answers at once, from memory, with what was made before: only the package's own work is left to measure.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HcpVaultClient, HcpVaultModule, SecretVersion } from 'nestjs-hcp-vault';

export const names = (count, prefix = 'KEY') => Array.from({ length: count }, (_, i) => `${prefix}_${i}`);

/** Texts and small objects by turns; `state` is part of the value and the version. */
export function states(all, state) {
  const value = (name, i) =>
    i % 2 === 0 ? `${name} as text, ${state}` : { user: name, password: `${name}-${state}`, port: i };
  return new Map(all.map((name, i) => [name, SecretVersion.of(value(name, i), { version: state })]));
}

/** `answer` is what every reading gives, until another one is put in its place. `bulk`: it can be read as a whole. */
export function preparedSource(answer, bulk) {
  return {
    kind: 'prepared',
    answer,
    readings: 0,
    async read() {
      this.readings += 1;
      return this.answer;
    },
    ...(bulk && {
      async readAll() {
        this.readings += 1;
        return this.answer;
      },
    }),
  };
}

export async function startApp(options) {
  class AppModule {}
  Module({ imports: [HcpVaultModule.forRoot(options)] })(AppModule);
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  return { client: app.get(HcpVaultClient), close: () => app.close() };
}

export function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
