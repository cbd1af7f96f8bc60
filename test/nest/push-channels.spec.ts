import { Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  HcpVaultClient,
  HcpVaultModule,
  InjectSecretRef,
  memorySource,
  OnSecretRotated,
  type ChangeListener,
  type PushChannel,
  type SecretRef,
  type SecretRotatedEvent,
} from 'nestjs-hcp-vault';
import { CapturedLogger } from '../support/captured-logger.js';

const HOUR = 3_600_000;

function channel() {
  const said: string[] = [];
  let listener: ChangeListener | undefined;
  const push: PushChannel = {
    kind: 'of-a-test',
    open(given, { signal }) {
      listener = given;
      said.push('opened');
      signal.addEventListener('abort', () => said.push('aborted'));
      return async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        said.push('ended');
      };
    },
  };
  return { push, said, announce: (...changes: Parameters<ChangeListener>) => listener?.(...changes) };
}

@Injectable()
class Consumer {
  readonly seen: string[] = [];
  constructor(@InjectSecretRef('KEY') readonly key: SecretRef<string>) {}

  @OnSecretRotated('KEY')
  rotated({ current }: SecretRotatedEvent<string>): void {
    this.seen.push(current);
  }
}

describe('a push channel in an app', () => {
  it.each(['forRoot', 'forRootAsync'] as const)(
    'given one by %s, when it announces a change, then refs and handlers have it; when the app closes, then the channel has ended before that is over',
    async (way) => {
      const { push, said, announce } = channel();
      const source = memorySource({ KEY: 'v1' });
      const options = { source, push: [push] };
      const root = way === 'forRoot' ? HcpVaultModule.forRoot(options) : HcpVaultModule.forRootAsync({ useFactory: () => options }); // prettier-ignore
      @Module({ imports: [root], providers: [Consumer] })
      class App {}
      const app = (await Test.createTestingModule({ imports: [App] }).setLogger(new CapturedLogger()).compile()).createNestApplication(); // prettier-ignore
      await app.init();
      const consumer = app.get(Consumer);
      const [status] = app.get(HcpVaultClient).status();
      expect(status).toMatchObject({ name: 'KEY', channel: 'live' });
      expect(status!.nextRefreshAt!.getTime() - Date.now()).toBeGreaterThan(2 * HOUR);
      source.rotate('KEY', 'v2');
      announce(['KEY']);
      while (consumer.seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 5)); // the test's own limit ends it
      expect([consumer.key.value, consumer.seen]).toEqual(['v2', ['v2']]);
      await app.close();
      expect(said).toEqual(['opened', 'aborted', 'ended']);
    },
  );

  it('given a start that fails, when it is over, then the channel has ended', async () => {
    const { push, said } = channel();
    const imports = [HcpVaultModule.forRoot({ source: memorySource({}), push, required: ['KEY'] })];
    const module = Test.createTestingModule({ imports }).setLogger(new CapturedLogger());
    await expect(module.compile().then((app) => app.init())).rejects.toMatchObject({ code: 'SECRET_BOOTSTRAP' });
    expect(said).toEqual(['opened', 'aborted', 'ended']);
  });

  it('given what is not a channel, when forRoot takes it, then that throws, by name', () => {
    expect(() => HcpVaultModule.forRoot({ source: memorySource({}), push: { kind: 'x' } as never })).toThrow(
      'Option "push" of HcpVaultModule.forRoot is not a channel',
    );
  });
});
