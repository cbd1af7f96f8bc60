import { Injectable, Optional } from '@nestjs/common';
import { DiscoveryModule, DiscoveryService, MetadataScanner } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { jest } from '@jest/globals';
import { instanceToPlain, plainToInstance } from 'class-transformer';
import { inspect } from 'node:util';
import { HcpVaultModule, InjectSecret, InjectSecretRef, memorySource, type SecretRef } from 'nestjs-hcp-vault';

/** Fields without a definition of their own: as compiled without `useDefineForClassFields`. */
class Subject {
  declare readonly key: string;
  declare readonly orNone: string;
  declare readonly maybe: string | undefined;
  declare readonly marked: string | undefined;
  declare readonly ref: SecretRef<string>;
  plain = 1;
  method(): number {
    return this.plain;
  }
}
Injectable()(Subject);
InjectSecret('KEY')(Subject.prototype, 'key');
InjectSecret('KEY', { default: 'none' })(Subject.prototype, 'orNone');
InjectSecret('GONE', { optional: true })(Subject.prototype, 'maybe');
Optional()(Subject.prototype, 'marked');
InjectSecret('GONE')(Subject.prototype, 'marked');
InjectSecretRef('KEY')(Subject.prototype, 'ref');

const told = (member: string, decorator: string) =>
  expect.objectContaining({
    code: 'SECRET_CONFIGURATION',
    message: expect.stringMatching(
      new RegExp(`^${member.replace('.', '\\.')} \\(${decorator}\\("KEY"\\)\\) was read before`),
    ),
  });

describe('a decorated property that nothing was injected into', () => {
  it('given new X(), when it is read, then the error says what to do; an optional one is undefined', () => {
    const subject = new Subject();
    expect(() => subject.key).toThrow(told('Subject.key', '@InjectSecret'));
    expect(() => subject.orNone).toThrow(told('Subject.orNone', '@InjectSecret'));
    expect(() => subject.ref).toThrow(told('Subject.ref', '@InjectSecretRef'));
    expect([subject.maybe, subject.marked]).toEqual([undefined, undefined]);
  });

  it('given a read in a field or constructor, when Nest makes it, then the error names the subclass', async () => {
    class Early {
      declare readonly key: string;
      readonly length: number;
      constructor() {
        this.length = this.key.length;
      }
    }
    Injectable()(Early);
    InjectSecret('KEY')(Early.prototype, 'key');
    const made = Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource({ KEY: 'value' }) })],
      providers: [Early],
    }).compile();
    await expect(made).rejects.toMatchObject({
      code: 'SECRET_CONFIGURATION',
      message: expect.stringContaining('Early.key'),
    });
  });

  it('given assignments, in a test or a constructor, when it is read, then they show, as in a field', () => {
    class Assigned extends Subject {
      constructor() {
        super();
        Object.assign(this, { key: 'of the constructor' });
      }
    }
    const assigned = Object.assign(new Subject(), { key: 'of the test' });
    expect([assigned.key, new Assigned().key]).toEqual(['of the test', 'of the constructor']);
    expect(Object.keys(assigned)).toEqual(['plain', 'key']);
    expect(() => new Subject().key).toThrow();
  });

  it('given tools that look at classes and instances, when they do, then nothing is read', async () => {
    const subject = new Subject();
    expect(inspect(subject)).toBe('Subject { plain: 1 }');
    expect(JSON.stringify(subject)).toBe('{"plain":1}');
    expect(inspect(Subject.prototype, { showHidden: true, getters: true })).toContain('[Getter/Setter');
    expect('key' in subject).toBe(true);
    expect({ ...subject }).toEqual({ plain: 1 });
    expect(subject).toEqual(new Subject());
    expect(structuredClone(subject)).toEqual({ plain: 1 });
    expect(new MetadataScanner().getAllMethodNames(Subject.prototype)).toEqual(['method']);
    for (const name of Object.getOwnPropertyNames(Subject.prototype)) {
      expect(typeof (Subject.prototype as never)[name]).not.toBe('string');
    }
    expect(instanceToPlain(subject)).toEqual({ plain: 1 });
    expect(plainToInstance(Subject, { plain: 2 }).method()).toBe(2);

    const module = await Test.createTestingModule({
      imports: [DiscoveryModule, HcpVaultModule.forRoot({ source: memorySource({ KEY: 'value' }) })],
      providers: [Subject],
    }).compile();
    const wrapper = module
      .get(DiscoveryService)
      .getProviders()
      .find(({ metatype }) => metatype === Subject);
    expect(wrapper?.instance).toBe(module.get(Subject));
    await module.close();
  });

  it('given jest’s automock of the class, when it is made, then methods are mocks and nothing throws', async () => {
    const { ModuleMocker } = await import('jest-mock');
    const mocker = new ModuleMocker(globalThis);
    const Mock = mocker.generateFromMetadata(mocker.getMetadata(Subject)!) as typeof Subject;
    const mock = new Mock();
    expect(mock.method()).toBeUndefined();
    expect(jest.isMockFunction(mock.method)).toBe(true);
    const spied = jest.spyOn(Subject.prototype, 'method').mockReturnValue(5);
    expect(new Subject().method()).toBe(5);
    spied.mockRestore();
  });
});
