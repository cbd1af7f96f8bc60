import { Inject, Injectable, Optional } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { inspect } from 'node:util';
import { HcpVaultModule, InjectSecret, memorySource, OnSecretRotated, WithSecrets } from 'nestjs-hcp-vault';
import { isHiddenSlot } from '../../lib/nest/injection/hidden-slot.js';
import { injectedProperties, injectedToken, isOptionalPlace } from '../../lib/nest/injection/nest-metadata.js';
import { isSecretHub, SecretHub } from '../../lib/nest/injection/secret-hub.js';
import { registry } from '../../lib/nest/injection/registry.js';
import { internalToken, valueRequest } from '../../lib/nest/injection/tokens.js';

@Injectable()
class Many {
  @InjectSecret('A') readonly a!: string;
  @InjectSecret('B') readonly b!: string;
  @InjectSecret('C', { default: 'c' }) readonly c!: string;
  @WithSecrets() call(@InjectSecret('A') _a?: string, @InjectSecret('B') _b?: string): void {}
  @OnSecretRotated('A') rotated(): void {}
}

describe('the hidden injections of a class', () => {
  it('given many decorators, when the class is read, then it has one hub, one slot a secret, all optional, behind what is open', () => {
    const keys = injectedProperties(Many).map(({ key }) => key);
    const hidden = keys.filter(isHiddenSlot);
    expect(keys.slice(0, 3)).toEqual(['a', 'b', 'c']);
    expect(keys.slice(3)).toEqual(hidden);
    const tokens = hidden.map((key) => injectedToken(Many, key));
    expect(tokens[0]).toBe(internalToken('Hub', 'default'));
    expect(tokens.slice(1).sort()).toEqual(['A', 'B', 'C'].map((name) => valueRequest(name).token));
    expect(hidden.every((key) => isOptionalPlace(Many, key))).toBe(true);
    expect([isHiddenSlot('a'), isHiddenSlot(Symbol('own')), isHiddenSlot(Symbol())]).toEqual([false, false, false]);
  });

  it('given Nest’s own decorators, when they run, then its metadata is where this package looks for it', () => {
    class Plain {
      @Optional() @Inject('TOKEN') readonly property!: unknown;
      constructor(@Inject('ONE') _one: unknown, @Optional() @Inject('TWO') _two: unknown) {}
    }
    expect(injectedProperties(Plain)).toEqual([{ key: 'property', type: 'TOKEN' }]);
    expect([isOptionalPlace(Plain, 'property'), isOptionalPlace(Plain, 1), isOptionalPlace(Plain, 0)]).toEqual([
      true,
      true,
      false,
    ]);
    class Anew extends Plain {
      constructor(@Inject('ONE') one: unknown, @Inject('TWO') two: unknown) {
        super(one, two);
      }
    }
    class Same extends Plain {}
    expect([isOptionalPlace(Anew, 1), isOptionalPlace(Same, 1), isOptionalPlace(Anew, 'property')]).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('given a hub, when it or what it hands out is printed, then it names the connection or secret alone', async () => {
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource({ A: 'canary', B: 'canary' }) })],
      providers: [Many],
    }).compile();
    const token = internalToken('Hub', 'default');
    const [hub] = [...module.get(ModulesContainer).values()]
      .map((host) => host.getProviderByKey(token)?.instance as SecretHub | undefined)
      .filter((found) => found !== undefined);
    const request = valueRequest('A');
    const shown = [hub, hub!.live(request), hub!.argument(request)].map(
      (holder) => `${String(holder)} ${JSON.stringify(holder)} ${inspect(holder, { showHidden: true, depth: 9 })}`,
    );
    expect(shown[0]).toBe('[secrets default] "[secrets default]" [secrets default]');
    expect(shown[1]).toBe('[secret A] "[secret A]" [secret A]');
    expect(shown[2]).toBe(shown[1]);
    expect(hub!.live(request)).toBe(hub!.live(request));
    await module.close();
  });

  it('given a hub of another copy of this package, when it is injected, then it is taken; what merely looks like one is not', () => {
    const other = Object.defineProperty({ live: () => undefined }, Symbol.for('nestjs-hcp-vault.hub.1'), {
      value: true,
    });
    expect(isSecretHub(other)).toBe(true);
    expect(isSecretHub(Object.create(other))).toBe(false);
    expect(isSecretHub(new Proxy({}, { get: () => true, has: () => true }))).toBe(false);
  });

  it('given many defaults, when they are recorded, then each costs the same', () => {
    const request = valueRequest('MANY', { optional: true });
    const record = (count: number): number => {
      const before = performance.now();
      for (let index = 0; index < count; index++) registry.recordDefault(request, {});
      return performance.now() - before;
    };
    const value = {};
    expect(registry.recordDefault(request, value)).toBe(registry.recordDefault(request, value));
    record(1000);
    const first = record(5000);
    const later = record(5000);
    expect(later).toBeLessThan(Math.max(first, 5) * 20);
    expect(registry.defaultsOf(request).length).toBe(11_001);
  });
});
