import {
  Injectable,
  Module,
  type INestApplication,
  type MiddlewareConsumer,
  type NestMiddleware,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import request from 'supertest';
import {
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  memorySource,
  SecretBootstrapError,
  WithSecrets,
  type SecretSource,
} from 'nestjs-hcp-vault';
import { recordingSource } from '../support/recording-source.js';

type Next = () => void;
type Response = { setHeader(name: string, value: string): void };

@Injectable()
class Signing implements NestMiddleware {
  @InjectSecret('SIGNING_KEY') readonly key!: string;
  constructor(@InjectSecret('SALT') readonly salt: string) {}
  use(_: unknown, response: Response, next: Next): void {
    response.setHeader('x-signed', `${this.key} ${this.salt}`);
    next();
  }
}

@Injectable()
class Auditing implements NestMiddleware {
  constructor(@InjectSecret('AUDIT_KEY') readonly key: string) {}
  use(_: unknown, __: unknown, next: Next): void {
    next();
  }
}

@Injectable()
class Optional implements NestMiddleware {
  constructor(@InjectSecret('NOT_THERE', { default: 'none' }) readonly key: string) {}
  use(_: unknown, response: Response, next: Next): void {
    response.setHeader('x-optional', this.key);
    next();
  }
}

@Injectable()
class Consumer {
  @InjectSecret('KEY') readonly key!: string;
  @WithSecrets() call(@InjectSecret('AUDIT_KEY') key?: string): unknown {
    return key;
  }
}

async function made(source: SecretSource, middlewares: unknown[], options = {}): Promise<INestApplication> {
  @Module({ imports: [HcpVaultModule.forRoot({ source, ...options })], providers: [Consumer] })
  class AppModule {
    configure(consumer: MiddlewareConsumer): void {
      consumer.apply(...(middlewares as [])).forRoutes('{*any}');
    }
  }
  return NestFactory.create(AppModule, { logger: false, abortOnError: false });
}

describe('middleware classes', () => {
  it('given secrets that only they need, when the app starts and a secret rotates, then they have them, read in one go, and live', async () => {
    const { source, memory, reads } = recordingSource({ KEY: 'key', SIGNING_KEY: 'signing-1', SALT: 'salt-1' });
    const app = await made(source, [Signing, Optional]);
    await app.init();
    const server = app.getHttpServer() as Parameters<typeof request>[0];
    const headers = async (): Promise<unknown[]> => {
      const { headers: sent } = await request(server).get('/');
      return [sent['x-signed'], sent['x-optional']];
    };
    expect(await headers()).toEqual(['signing-1 salt-1', 'none']);
    expect(reads.filter((names) => names.includes('SIGNING_KEY'))).toEqual([['SALT', 'SIGNING_KEY', 'NOT_THERE']]);
    memory.rotate('SIGNING_KEY', 'signing-2');
    await app.get(HcpVaultClient).refresh();
    expect(await headers()).toEqual(['signing-2 salt-1', 'none']);
    await app.close();
  });

  it('given secrets that are missing, when the app starts, then it fails once, with all of them and their places, and its source is closed', async () => {
    let closed = 0;
    const source = Object.assign(memorySource({ KEY: 'key' }), {
      close: () => {
        closed += 1;
        return Promise.resolve();
      },
    });
    const app = await made(source, [Signing, Auditing]);
    const failed: unknown = await app.init().catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(SecretBootstrapError);
    const { errors, message } = failed as SecretBootstrapError;
    expect(errors.map(({ secretName }) => secretName).sort()).toEqual(['AUDIT_KEY', 'SALT', 'SIGNING_KEY']);
    expect(message).toContain('Signing.key');
    expect(message).toContain('Signing (constructor)');
    expect(closed).toBe(1);
    await app.close();
  });

  it('given a source that fails for a moment, when they need a secret, then it is asked again within the time of the start', async () => {
    const memory = memorySource({ KEY: 'key', SIGNING_KEY: 'signing-1', SALT: 'salt-1' });
    let failures = 2;
    const source: SecretSource = {
      kind: 'shaky',
      read: (names, context) => {
        if (names.includes('SALT') && failures-- > 0) return Promise.reject(new Error('down'));
        return memory.read(names, context);
      },
    };
    const app = await made(source, [Signing], { retry: { base: 1 } });
    await app.init();
    const sent = await request(app.getHttpServer() as Parameters<typeof request>[0]).get('/');
    expect([sent.headers['x-signed'], failures]).toEqual(['signing-1 salt-1', -1]);
    await app.close();
  });
});
