import { Test, type TestingModule } from '@nestjs/testing';
import pg from 'pg';
import { HcpVaultClient, HcpVaultModule, rotatingProvider, type Rotating } from 'nestjs-hcp-vault';
import type { SecretSource } from '../../../../lib/core/source/secret-source.js';

export interface Load {
  readonly queries: number;
  readonly failures: readonly unknown[];
  /** Database users that answered. */
  readonly users: ReadonlySet<string>;
}

/** An app with a pool whose credentials are the secret DB, queried without a pause by several clients. */
export class App {
  readonly load = { queries: 0, failures: [] as unknown[], users: new Set<string>() };
  #stopped = false;
  #running: Promise<unknown> = Promise.resolve();

  private constructor(private readonly module: TestingModule) {}

  static async start(source: SecretSource, port: number, { rejects }: { rejects?: boolean } = {}): Promise<App> {
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source, retry: { base: '100ms', max: '1s' } })],
      providers: [
        rotatingProvider({
          provide: 'POOL',
          secret: 'DB',
          create: (login) => {
            const { username: user, password } = login as { username: string; password: string };
            const pool = new pg.Pool({ host: '127.0.0.1', port, database: 'postgres', user, password, max: 4 });
            pool.on('error', () => undefined); // an idle connection that the server ends is not a failed query
            return pool;
          },
          validate: (pool) => pool.query('SELECT 1'),
          dispose: (pool) => pool.end(),
          // What PostgreSQL says of a user that is gone: at a login, and within a session.
          ...(rejects && {
            rejects: (error: unknown) =>
              ['28P01', '28000', '42704', '42501'].includes((error as { code?: string }).code ?? '') ||
              /invalid role OID/.test(String(error)),
          }),
        }),
      ],
    }).compile();
    await module.init();
    return new App(module);
  }

  get client(): HcpVaultClient {
    return this.module.get(HcpVaultClient);
  }

  /** @param seconds it takes. */
  query(seconds = 0.005): Promise<string> {
    return this.module.get<Rotating<pg.Pool>>('POOL').use(async (pool) => {
      const { rows } = await pool.query<{ current_user: string }>('SELECT current_user, pg_sleep($1)', [seconds]);
      return rows[0]!.current_user;
    });
  }

  begin(clients = 4): void {
    this.#stopped = false;
    this.#running = Promise.all(
      Array.from({ length: clients }, async () => {
        while (!this.#stopped) {
          await this.query().then(
            (user) => {
              this.load.queries += 1;
              this.load.users.add(user);
            },
            (error: unknown) => this.load.failures.push(error),
          );
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }),
    );
  }

  async rest(): Promise<Load> {
    this.#stopped = true;
    await this.#running;
    return this.load;
  }

  async close(): Promise<void> {
    await this.rest();
    await this.module.close();
  }
}

/** Looks again and again, until it is so. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>, within = 15_000): Promise<void> {
  const deadline = Date.now() + within;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not within ${within} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
