import { rotatingProvider } from 'nestjs-hcp-vault';
import type { Issued, Login } from '../backend/credentials.js';
import { Caller, Refused } from './caller.js';
import { Database } from './database.js';
import { Journal } from './journal.js';

export const POOL = 'POOL';

export const isRefused = (error: unknown): boolean => error instanceof Refused;

/** Connections to the database: made anew when `DATABASE` rotates, while work goes on with the old ones. */
export const pool = rotatingProvider({
  provide: POOL,
  secret: 'DATABASE',
  inject: [Database, Journal],
  create: (secret, database: Database, journal: Journal) => {
    const { username, password } = (secret as Issued<Login>).values;
    return new PoolOfDatabase(new Caller(database.port, username, password), journal);
  },
  validate: (made) => made.query(),
  dispose: (made) => made.end(),
  drain: '5s',
  rejects: isRefused,
});

export class PoolOfDatabase {
  constructor(
    private readonly caller: Caller,
    private readonly journal: Journal,
  ) {}

  query(): Promise<void> {
    return this.caller.call();
  }

  end(): void {
    this.caller.end();
    this.journal.note('The old pool had nothing left to do, and is closed.');
  }
}
