import { setTimeout as pause } from 'node:timers/promises';
import type { ModuleMetadata } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { HcpVaultClient, HcpVaultModule, memorySource, type SecretValue } from 'nestjs-hcp-vault';
import { Load } from './load.js';
import { ORDERS, writeRow, type Order } from './rows.js';

/** A login that the other side takes. `user` is one of two, who take turns or of whom only the first is used; `turn` counts rotations. */
export interface Login {
  readonly user: string;
  readonly password: string;
  readonly turn: number;
}

/** The server that logins are for. */
export interface OtherSide {
  /** Name and version, as the table shows it. */
  readonly server: string;
  /** The value of the secret for a login. What tells connections of one turn from those of the next goes in here (PostgreSQL's application_name). */
  secret(login: Login): SecretValue;
  /** From now on this login is taken, and no earlier password of its user. */
  accept(login: Login): Promise<void>;
  /** From now on the user can't log in. */
  refuse(login: Login): Promise<void>;
  /** Ends the sessions that there are, so that the next work has to log in again. Asked only while no work is under way. Undefined where all work logs in by itself, as requests with a key do. */
  cut?(): Promise<void>;
  /** Sessions of a user who is refused go on, so that nothing would show whether the app logs in as the next one: they are ended too. @default false */
  readonly keepsSessions?: boolean;
  /** One entry for each session of the app, the same for all of one resource; undefined where the server can't tell. */
  sessions?(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface RecipeUnderRotation {
  /** First column of the table in docs/recipes/README.md. */
  readonly recipe: string;
  /** The page in docs/recipes, e.g. `pg.md`. */
  readonly page: string;
  /** Name of the secret. @default 'DB' */
  readonly secret?: string;
  start(): Promise<OtherSide>;
  /** Imports and providers of the app, beside HcpVaultModule. */
  app(): Pick<ModuleMetadata, 'imports' | 'providers'>;
  /** One operation of a client. */
  work(app: TestingModule): () => Promise<unknown>;
  /** Orders that the recipe does not serve, each with the reason that the table shows. */
  readonly except?: Partial<Record<Order, string>>;
  /** @default 200 */
  readonly clients?: number;
}

/** Ten where the table is made, by `npm run recipes`; fewer among all tests, which would take minutes longer. */
export const ROTATIONS = process.env['RECIPE_ROWS'] === undefined ? 3 : 10;
/** Milliseconds between the change at one side and at the other. */
const GAP = 60;
/** Rotations at which all sessions are ended too, the first and each fifth after it: 200 logins that are refused take a server a second or more. */
const isHard = (turn: number): boolean => turn % 5 === 1;
const USERS = ['app_a', 'app_b'] as const;

const loginOf = (turn: number, order: Order): Login => ({
  user: order === 'users by turns' ? USERS[turn % 2]! : USERS[0],
  password: `canary-p${turn}`,
  turn,
});

/** Tests of one recipe: for each order 200 clients work over ten rotations. No operation fails, and two resources at most are alive. */
export function underRotation(recipe: RecipeUnderRotation): void {
  let side: OtherSide;

  beforeAll(async () => {
    side = await recipe.start();
    const { recipe: name, page, except = {} } = recipe;
    const none = { recipe: name, page, server: side.server, operations: 0, failed: 0, alive: undefined };
    for (const order of ORDERS) if (except[order]) writeRow({ ...none, order, reason: except[order] });
  }, 60_000);
  afterAll(() => side?.stop(), 60_000);

  it.each(ORDERS.filter((order) => recipe.except?.[order] === undefined))(
    'given 200 clients, when the login is rotated again and again, %s, then no operation fails, and two resources at most are alive',
    async (order) => {
      const rotated = await RotatedApp.start(recipe, side, order);
      const { operations, failures, alive } = await rotated.run();
      writeRow({
        recipe: recipe.recipe,
        page: recipe.page,
        server: side.server,
        order,
        operations,
        failed: failures.length,
        alive,
      });
      expect(failures.slice(0, 3)).toEqual([]);
      expect(alive ?? 0).toBeLessThanOrEqual(2);
    },
    180_000,
  );
}

/** An app with the recipe, under load, whose login is rotated. */
class RotatedApp {
  readonly #client: HcpVaultClient;
  readonly #load: Load;
  #alive: number | undefined;

  private constructor(
    private readonly recipe: RecipeUnderRotation,
    private readonly side: OtherSide,
    private readonly order: Order,
    private readonly source: ReturnType<typeof memorySource>,
    private readonly app: TestingModule,
  ) {
    this.#client = app.get(HcpVaultClient);
    this.#load = new Load(recipe.clients ?? 200, recipe.work(app));
  }

  static async start(recipe: RecipeUnderRotation, side: OtherSide, order: Order): Promise<RotatedApp> {
    const first = loginOf(0, order);
    await side.accept(first);
    const source = memorySource({ [recipe.secret ?? 'DB']: side.secret(first) });
    const { imports = [], providers = [] } = recipe.app();
    const app = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source, retry: { base: '20ms' } }), ...imports],
      providers,
    }).compile();
    await app.init();
    return new RotatedApp(recipe, side, order, source, app);
  }

  async run(): Promise<{ operations: number; failures: readonly unknown[]; alive: number | undefined }> {
    const watching = new AbortController();
    const watched = this.#watch(watching.signal);
    try {
      await this.#load.until(200);
      for (let turn = 1; turn <= ROTATIONS && this.#load.result.failures.length === 0; turn += 1) {
        await this.#rotate(loginOf(turn, this.order));
        await this.#load.until(200);
      }
    } finally {
      await this.#load.stop();
      watching.abort();
      await watched;
      await this.app.close();
    }
    await this.#untilNoSession();
    return { ...this.#load.result, alive: this.#alive };
  }

  async #rotate(login: Login): Promise<void> {
    const { side, order } = this;
    if (order === 'database first') {
      await side.accept(login);
      await this.#cut(login.turn); // sessions outlive a change of password: without them all are refused from here on
      await pause(GAP);
      await this.#publish(login, login.turn > 1);
    } else if (order === 'secret first') {
      await this.#publish(login);
      await this.#cut(login.turn); // the old login is still the one that is taken
      await pause(GAP);
      await side.accept(login);
      await this.#cut(login.turn);
    } else {
      await side.accept(login);
      await this.#publish(login);
    }
    await this.#swapped();
    if (order === 'users by turns') {
      await side.refuse(loginOf(login.turn - 1, order));
      if (side.keepsSessions) await this.#cut(login.turn);
    }
  }

  /** The source has the new value. `isAnnounced`: and the app hears of it; else it finds out by work that is refused. */
  async #publish(login: Login, isAnnounced = true): Promise<void> {
    const name = this.recipe.secret ?? 'DB';
    this.source.rotate(name, this.side.secret(login));
    if (isAnnounced) await this.#client.refresh(name);
  }

  async #cut(turn: number): Promise<void> {
    const { cut } = this.side;
    if (!cut || !isHard(turn)) return;
    await this.#load.between(async () => {
      await cut.call(this.side);
      await pause(20); // the clients' sockets have told of it by then
    });
  }

  /** Until what is made from the secret is made from its newest value. A recipe without rotating resources has nothing to swap. */
  async #swapped(): Promise<void> {
    const isBehind = (): boolean =>
      this.#client
        .resources()
        .some(({ state, wantedVersion, draining }) => state !== 'serving' || wantedVersion || draining);
    while (this.#load.result.failures.length === 0 && isBehind()) await pause(2);
  }

  /** Counts resources as the server sees them. */
  async #watch(signal: AbortSignal): Promise<void> {
    if (!this.side.sessions) return;
    while (!signal.aborted) {
      const alive = new Set(await this.side.sessions()).size;
      this.#alive = Math.max(this.#alive ?? 0, alive);
      await pause(10);
    }
  }

  /** Hangs, and fails by its time, where closing the app leaves a session open. */
  async #untilNoSession(): Promise<void> {
    while (((await this.side.sessions?.()) ?? []).length > 0) await pause(10);
  }
}
