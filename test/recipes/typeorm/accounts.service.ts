import { Inject, Injectable } from '@nestjs/common';
import type { Rotating } from 'nestjs-hcp-vault';
import type { DataSource } from 'typeorm';
import { Account } from './account.entity.js';

@Injectable()
export class Accounts {
  constructor(@Inject('DATABASE') private readonly database: Rotating<DataSource>) {}

  /** One query: the repository comes from the DataSource of this call. */
  balanceOf(id: string): Promise<number> {
    return this.database.use(async (database) => {
      const { balance } = await database.getRepository(Account).findOneByOrFail({ id });
      return balance;
    });
  }

  /** Several queries: a transaction has one connection, so it is refused before its first statement or not at all. */
  transfer(from: string, to: string, amount: number): Promise<void> {
    return this.database.use((database) =>
      database.transaction(async (manager) => {
        const accounts = manager.getRepository(Account);
        await accounts.decrement({ id: from }, 'balance', amount);
        await accounts.increment({ id: to }, 'balance', amount);
      }),
    );
  }
}
