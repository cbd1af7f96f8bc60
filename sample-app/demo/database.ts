import type { OnApplicationShutdown } from '@nestjs/common';
import type { Login } from '../backend/credentials.js';
import { CheckingServer } from './checking-server.js';

/** A database as far as its door goes: it lets in who knows the password, or for an overlap the one before. */
export class Database implements OnApplicationShutdown {
  #accepted: readonly Login[];
  #server: CheckingServer | undefined;

  private constructor(login: Login) {
    this.#accepted = [login];
  }

  static async start(login: Login): Promise<Database> {
    const database = new Database(login);
    database.#server = await CheckingServer.start((user, password) =>
      database.#accepted.some((one) => one.username === user && one.password === password),
    );
    return database;
  }

  get port(): number {
    return this.#server!.port;
  }

  /** With an overlap the password before this one is taken, too. */
  change(login: Login, { overlap }: { readonly overlap: boolean }): void {
    this.#accepted = overlap ? [login, ...this.#accepted.slice(0, 1)] : [login];
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#server?.stop();
  }
}
