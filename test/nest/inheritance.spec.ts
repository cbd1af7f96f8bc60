import { jest } from '@jest/globals';
import { Inject, Injectable, Optional } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  getSecretRefToken,
  getSecretToken,
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  InjectSecretRef,
  memorySource,
  OnSecretRotated,
  WithSecrets,
  type SecretRef,
  type SecretRotatedEvent,
} from 'nestjs-hcp-vault';

const values = () => ({ A: 'a-1', B: 'b-1' });

async function appWith(providers: unknown[], secrets: Record<string, string> = values()) {
  const source = memorySource(secrets);
  const module = await Test.createTestingModule({
    imports: [HcpVaultModule.forRoot({ source })],
    providers: providers as [],
  }).compile();
  await module.init();
  const client = module.get(HcpVaultClient);
  const rotate = async (name: string, value: string): Promise<void> => {
    source.rotate(name, value);
    await client.refresh();
    await new Promise(setImmediate);
  };
  return { module, rotate };
}

@Injectable()
class Base {
  @InjectSecret('A') readonly key!: string;
  @InjectSecretRef('A') readonly ref!: SecretRef<string>;
  readonly told: string[] = [];

  @OnSecretRotated('A') swap(event: SecretRotatedEvent<string>): void {
    this.told.push(`${this.constructor.name} ${event.name}`);
  }

  @WithSecrets() call(@InjectSecret('A') key?: string): string | undefined {
    return key;
  }
}

@Injectable()
class Anew extends Base {
  @InjectSecret('B') override readonly key: string = '';
  @InjectSecretRef('B') override readonly ref: SecretRef<string> = undefined as never;

  @OnSecretRotated('B') override swap(event: SecretRotatedEvent<string>): void {
    this.told.push(`Anew ${event.name}`);
  }

  @WithSecrets() override call(@InjectSecret('B') key?: string): string | undefined {
    return `${key} and ${super.call()}`;
  }
}

@Injectable()
class Inherited extends Anew {}

@Injectable()
class Undecorated extends Base {
  override swap(event: SecretRotatedEvent<string>): void {
    this.told.push(`Undecorated ${event.name}`);
  }

  override call(key?: string): string | undefined {
    return `${key} and ${super.call()}`;
  }
}

describe('subclasses of classes with secrets', () => {
  it('given a property decorated anew, when both are made, then each has its own, and keeps it', async () => {
    const { module, rotate } = await appWith([Base, Anew, Inherited]);
    const [base, anew, inherited] = [module.get(Base), module.get(Anew), module.get(Inherited)];
    expect([base.key, anew.key, inherited.key]).toEqual(['a-1', 'b-1', 'b-1']);
    await rotate('A', 'a-2');
    await rotate('B', 'b-2');
    expect([base.key, anew.key, inherited.key]).toEqual(['a-2', 'b-2', 'b-2']);
    expect([base.ref.value, anew.ref.value, inherited.ref.value]).toEqual(['a-2', 'b-2', 'b-2']);
    await module.close();
  });

  it('given a secret that only the base asks for, when the subclass alone is in the app, then it is not needed', async () => {
    @Injectable()
    class OnlyKey {
      @InjectSecret('GONE') readonly key!: string;
    }
    @Injectable()
    class Replaced extends OnlyKey {
      @InjectSecret('B') override readonly key: string = '';
    }
    @Injectable()
    class Given extends OnlyKey {
      @Inject('OTHER') override readonly key: string = '';
    }
    const { module } = await appWith([Replaced, Given, { provide: 'OTHER', useValue: 'plain' }]);
    expect(module.get(Replaced).key).toBe('b-1');
    expect(module.get(Given).key).toBe('plain');
    await module.close();
  });

  it('given decorators that a subclass replaces, when it alone is in the app, then the base’s secrets are not even read', async () => {
    class Above {
      @InjectSecret('A', { default: 'none' }) readonly key: string = '';
      @InjectSecretRef('A', { optional: true }) readonly ref: SecretRef<string> = undefined as never;
      @OnSecretRotated('A') swap(): void {}
      @WithSecrets() call(@InjectSecret('C') key?: string): unknown {
        return key;
      }
    }
    @Injectable()
    class Below extends Above {
      @InjectSecret('B', { default: 'none' }) override readonly key: string = '';
      @InjectSecretRef('B') override readonly ref: SecretRef<string> = undefined as never;
      @OnSecretRotated('B') override swap(): void {}
    }
    const source = memorySource({ A: 'a', B: 'b', C: 'c' });
    const read = jest.spyOn(source, 'read');
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source, preload: 'decorated' })],
      providers: [Below],
    }).compile();
    await module.init();
    expect([module.get(Below).key, module.get(Below).call()]).toEqual(['b', 'c']);
    expect(new Set(read.mock.calls.flatMap(([names]) => [...names]))).toEqual(new Set(['B', 'C']));
    await module.close();
  });

  it('given an optional property that a subclass requires, when its secret is missing, then the start fails, unless the subclass says optional too', async () => {
    class Lenient {
      @InjectSecret('GONE', { optional: true }) readonly key: string | undefined;
      @Optional() @InjectSecret('GONE') readonly marked: string | undefined;
    }
    @Injectable()
    class Strict extends Lenient {
      @InjectSecret('GONE') override readonly key: string = '';
    }
    @Injectable()
    class StrictMarked extends Lenient {
      @InjectSecret('GONE') override readonly marked: string = '';
    }
    @Injectable()
    class Again extends Lenient {
      @InjectSecret('GONE') @Optional() override readonly key: string | undefined = undefined;
      @Optional() @InjectSecret('GONE') override readonly marked: string | undefined = undefined;
    }
    @Injectable()
    class Same extends Lenient {}
    for (const type of [Strict, StrictMarked]) {
      await expect(appWith([type])).rejects.toMatchObject({ code: 'SECRET_BOOTSTRAP' });
    }
    const { module } = await appWith([Again, Same]);
    for (const made of [module.get(Again), module.get(Same)]) {
      expect([made.key, made.marked]).toEqual([undefined, undefined]);
    }
    await module.close();
  });

  it('given a handler decorated again, when its secret rotates, then it is called once, and for no other secret', async () => {
    @Injectable()
    class Same extends Base {
      @OnSecretRotated('A') override swap(event: SecretRotatedEvent<string>): void {
        super.swap(event);
      }
    }
    const { module, rotate } = await appWith([Base, Anew, Same]);
    await rotate('A', 'a-2');
    expect([module.get(Base).told, module.get(Anew).told, module.get(Same).told]).toEqual([['Base A'], [], ['Same A']]);
    await rotate('B', 'b-2');
    expect([module.get(Base).told, module.get(Anew).told, module.get(Same).told]).toEqual([
      ['Base A'],
      ['Anew B'],
      ['Same A'],
    ]);
    await module.close();
  });

  it('given a method with two handlers, when each secret rotates, then both call it', async () => {
    @Injectable()
    class Both {
      readonly told: string[] = [];
      @OnSecretRotated('A') @OnSecretRotated('B') swap({ name }: SecretRotatedEvent<string>): void {
        this.told.push(name);
      }
    }
    const { module, rotate } = await appWith([Both]);
    await rotate('A', 'a-2');
    await rotate('B', 'b-2');
    expect(module.get(Both).told).toEqual(['A', 'B']);
    await module.close();
  });

  it('given overrides without decorators, when they are called, then the handler is the override, and the parameter is filled where the base reads it', async () => {
    const { module, rotate } = await appWith([Undecorated]);
    const subject = module.get(Undecorated);
    await rotate('A', 'a-2');
    expect(subject.told).toEqual(['Undecorated A']);
    expect(subject.call('mine')).toBe('mine and a-2');
    await module.close();
  });

  it('given a method with secrets decorated again, when it is called, then each reads its own', async () => {
    const { module } = await appWith([Base, Anew]);
    expect([module.get(Base).call(), module.get(Anew).call()]).toEqual(['a-1', 'b-1 and a-1']);
    await module.close();
  });

  it('given an override that names secrets anew without @WithSecrets, when the app starts, then the error names it', async () => {
    @Injectable()
    class Forgotten extends Base {
      override call(@InjectSecret('B') key?: string): string | undefined {
        return key;
      }
    }
    await expect(appWith([Forgotten])).rejects.toMatchObject({
      code: 'SECRET_CONFIGURATION',
      message: expect.stringContaining('Forgotten.call'),
    });
  });

  it('given unit tests with the tokens alone, when a subclass is made, then it takes its own', async () => {
    const module = await Test.createTestingModule({
      providers: [
        Anew,
        { provide: getSecretToken('B'), useValue: 'of the test' },
        { provide: getSecretRefToken('B'), useValue: {} },
      ],
    }).compile();
    expect(module.get(Anew).key).toBe('of the test');
    await module.close();
  });

  it('given an assignment, when it is read, then it shows what was assigned, in that instance alone', async () => {
    const { module, rotate } = await appWith([Base, Anew]);
    const anew: { key: string } = module.get(Anew);
    anew.key = 'of the test';
    Object.assign(module.get(Base), { key: undefined });
    await rotate('A', 'a-2');
    await rotate('B', 'b-2');
    expect([anew.key, module.get(Base).key]).toEqual(['of the test', undefined]);
    expect(Object.keys(anew)).toContain('key');
    await module.close();
  });
});
