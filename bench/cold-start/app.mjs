// One app in two ways: with secrets of this package, and with plain `@Inject` of providers over a reading of one's own.
// Decorators are called by hand, as this file is not a TypeScript.
import 'reflect-metadata';
import { Inject, Injectable, Module, Scope } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HcpVaultModule, InjectSecret, memorySource } from 'nestjs-hcp-vault';

const nameOf = (i) => `KEY_${i}`;
const valuesOf = (count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [nameOf(i), `value-${i}`]));

/**
 * Classes that take secrets by turns out of `names`: `parameters` of the constructor, and properties.
 * @param inject (name, i) => a decorator
 */
function classesWith({ classes, parameters, properties, names, scope }, inject) {
  let place = 0;
  return Array.from({ length: classes }, (_, i) => {
    const next = () => inject(nameOf(place++ % names), i);
    const Consumer = class {
      constructor(...given) {
        this.given = given;
      }
    };
    for (let p = 0; p < parameters; p += 1) next()(Consumer, undefined, p);
    for (let p = 0; p < properties; p += 1) next()(Consumer.prototype, `property${p}`);
    Injectable({ scope })(Consumer);
    return Consumer;
  });
}

/** @param shape `defaults`: each class names a default of its own, an object, for a secret that is not there. */
function withSecrets(shape) {
  const inject = shape.defaults
    ? (_, i) => InjectSecret('ABSENT', { default: { number: i } })
    : (name) => InjectSecret(name);
  const imports = [HcpVaultModule.forRoot({ source: memorySource(valuesOf(shape.names)) })];
  return { imports, providers: classesWith(shape, inject) };
}

/** What one writes without this package: all values are read once, and each has a provider. */
function withPlainProviders(shape) {
  const values = { provide: 'VALUES', useFactory: async () => valuesOf(shape.names) };
  const ofName = (provide) => ({ provide, useFactory: (all) => all[provide], inject: ['VALUES'] });
  const ofDefault = (i) => ({ provide: nameOf(i), useValue: { number: i } });
  const single = shape.defaults
    ? Array.from({ length: shape.classes }, (_, i) => ofDefault(i))
    : Array.from({ length: shape.names }, (_, i) => ofName(nameOf(i)));
  const inject = shape.defaults ? (_, i) => Inject(nameOf(i)) : (name) => Inject(name);
  return { providers: [...classesWith(shape, inject), values, ...single] };
}

const WAYS = { secrets: withSecrets, plain: withPlainProviders };

/** A module as a user declares it, decorated classes included, and one of the classes. */
export function declareApp(way, shape) {
  const definition = WAYS[way](shape);
  class AppModule {}
  Module(definition)(AppModule);
  return { AppModule, Consumer: definition.providers.find((provider) => typeof provider === 'function') };
}

export async function start(AppModule, { Consumer, scope, parameters, properties }) {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
  const made = scope === Scope.REQUEST ? await app.resolve(Consumer) : app.get(Consumer);
  const live = Array.from({ length: properties }, (_, p) => made[`property${p}`]);
  const got = [...made.given, ...live].filter((value) => value !== undefined);
  if (got.length !== parameters + properties) throw new Error('This is not what was to be measured.');
  return app;
}
