import { Readable } from 'node:stream';
import {
  Controller,
  Get,
  Header,
  HttpException,
  Logger,
  Module,
  Query,
  Res,
  Sse,
  StreamableFile,
  type INestApplication,
} from '@nestjs/common';
import { APP_INTERCEPTOR, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { ExpressAdapter } from '@nestjs/platform-express';
import { Observable, of } from 'rxjs';
import { HcpVaultClient, HcpVaultModule, memorySource } from 'nestjs-hcp-vault';
import { secretsGuard, SecretsGuard, SecretsGuardInterceptor, type CaughtSecret } from 'nestjs-hcp-vault/guard';
import { canaries } from '../core/guard/canaries.js';
import { spellings } from '../core/guard/spellings.js';

const SECRETS = 200;
/** All 10,000 take minutes: `GUARD_CANARIES=10000`. */
const ROUNDS = Number(process.env.GUARD_CANARIES ?? 1000) / SECRETS;
const all = canaries(SECRETS * ROUNDS, 9);

/** What the handlers answer with, as one who tests them says. */
const asked = { text: '', value: '' };

class Entity {
  constructor(readonly value: string) {}

  toJSON(): unknown {
    return { shown: this.value };
  }
}

@Controller()
class Answers {
  @Get('text') text(): string {
    return asked.text;
  }

  @Get('object') object(): unknown {
    return { deep: [{ value: asked.text }], [asked.text]: 1, bytes: Buffer.from(asked.value), n: 1, at: new Date(0) };
  }

  @Get('entity') entity(): unknown {
    return of([new Entity(asked.text)]);
  }

  @Get('buffer') buffer(): Buffer {
    return Buffer.from(asked.text);
  }

  @Get('file') file(): StreamableFile {
    return new StreamableFile(Buffer.from(asked.text), { length: Buffer.byteLength(asked.text), type: 'text/plain' });
  }

  @Get('pieces') pieces(): StreamableFile {
    const bytes = Buffer.from(asked.text);
    return new StreamableFile(Readable.from([bytes.subarray(0, 9), bytes.subarray(9, 14), bytes.subarray(14)]));
  }

  @Get('own') own(@Res() response: { send(body: unknown): void }): void {
    response.send({ value: asked.text });
  }

  @Get('header') @Header('cache-control', 'no-store') header(@Res({ passthrough: true }) response: Headed): string {
    const set = (response.setHeader ?? response.header).bind(response);
    set('x-key', encodeURIComponent(asked.value));
    set('set-cookie', [`a=${encodeURIComponent(asked.value)}`, 'b=1']);
    return 'sent';
  }

  @Get('refused') refused(): never {
    throw new HttpException({ message: asked.text, cause: { value: asked.value } }, 418);
  }

  @Get('failed') failed(): never {
    throw new Error(`failed with ${asked.value}`);
  }

  @Get('missing') missing(@Query('x') x: string): unknown {
    return { x, nothing: null, list: [], yes: true };
  }

  @Sse('events') events(): Observable<unknown> {
    return of({ data: { value: asked.text } }, { data: asked.text, id: '2' });
  }
}

interface Headed {
  setHeader?(name: string, value: unknown): void;
  header(name: string, value: unknown): void;
}

const source = memorySource({});

@Module({
  imports: [HcpVaultModule.forRoot({ source, preload: 'all' })],
  controllers: [Answers],
  providers: [
    { provide: SecretsGuard, inject: [HcpVaultClient], useFactory: (client: HcpVaultClient) => secretsGuard(client) },
    { provide: APP_INTERCEPTOR, useClass: SecretsGuardInterceptor },
  ],
})
class AppModule {}

const ROUTES = ['text', 'object', 'entity', 'buffer', 'file', 'pieces', 'own', 'header', 'refused', 'failed', 'events'];

describe.each([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
])('the interceptor on %s', (_, adapter) => {
  let app: INestApplication;
  let url: string;
  beforeAll(async () => {
    for (let at = 0; at < SECRETS; at += 1) source.rotate(`S${at}`, all[at]!);
    app = await NestFactory.create(AppModule, adapter(), { logger: false });
    Logger.overrideLogger(false);
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
  });
  afterAll(() => app.close());

  async function sent(route: string): Promise<string> {
    const response = await fetch(`${url}/${route}`);
    return [...response.headers].map((header) => header.join(': ')).join('\n') + (await response.text());
  }

  it('given canaries over rotations, in all spellings, when handlers answer with them in any way, then none gets out', async () => {
    const out: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      if (round > 0) {
        for (let at = 0; at < SECRETS; at += 1) source.rotate(`S${at}`, all[round * SECRETS + at]!);
        await app.get(HcpVaultClient).refresh();
      }
      for (let at = 0; at < SECRETS; at += 1) {
        const value = all[round * SECRETS + at]!;
        const spelling = spellings[(at + round) % spellings.length]!;
        const written = spelling.write(value, '', '');
        Object.assign(asked, { value, text: `sent ${written} away` });
        const route = ROUTES[(at * 7 + round) % ROUTES.length]!;
        const answer = await sent(route);
        const texts = [value, written, encodeURIComponent(value)].flatMap((text) => [
          text,
          JSON.stringify(text).slice(1, -1),
        ]);
        const isShown = texts.some((text) => answer.includes(text));
        // Nothing is sent of a failure; Express sends a Buffer as the JSON of one.
        const isTold = ['failed', 'buffer'].includes(route) || /\[secret S\d+\]|\*{8}/.test(answer);
        if (isShown || !isTold) out.push(`${route}, ${spelling.name}: ${asked.text} → ${answer}`);
      }
    }
    expect(out.slice(0, 2)).toEqual([]);
  }, 600_000); // prettier-ignore

  it('given what holds no secret, when it is answered, then it arrives as ever', async () => {
    Object.assign(asked, { value: 'nothing', text: 'sent "nothing" é away' });
    expect(await (await fetch(`${url}/text`)).text()).toBe(asked.text);
    expect(await (await fetch(`${url}/missing?x=1`)).json()).toEqual({ x: '1', nothing: null, list: [], yes: true });
    const file = await fetch(`${url}/file`);
    expect(file.headers.get('content-length')).toBe(String(Buffer.byteLength(asked.text)));
    expect(await file.text()).toBe(asked.text);
    expect(await (await fetch(`${url}/pieces`)).text()).toBe(asked.text);
    expect(await (await fetch(`${url}/events`)).text()).toContain('data: {"value":"sent \\"nothing\\" é away"}');
    const refused = await fetch(`${url}/refused`);
    expect([refused.status, ((await refused.json()) as { message: string }).message]).toEqual([418, asked.text]);
  });

  it('given a catch, when it is told, then it is known whose value it was and whose answer, and nothing of either', async () => {
    const caught: CaughtSecret[] = [];
    const listening = app.get(SecretsGuard).caught$.subscribe((event) => caught.push(event));
    const value = all[SECRETS * (ROUNDS - 1) + 3]!;
    Object.assign(asked, { value, text: value });
    await sent('text');
    await sent('refused');
    expect(new Set(caught.map(({ name, place, from }) => `${name} ${place} ${from}`))).toEqual(
      new Set(['S3 response Answers.text', 'S3 response-error Answers.refused']),
    );
    expect(JSON.stringify(caught)).not.toContain('canary');
    listening.unsubscribe();
  });

  it('given no guard, when an interceptor is made, then it says what it takes', () => {
    expect(() => new SecretsGuardInterceptor({} as SecretsGuard)).toThrow('takes what secretsGuard() gives');
  });
});
