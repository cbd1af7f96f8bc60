import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { HcpVaultClient, rejectsOf } from 'nestjs-hcp-vault';
import { Repository } from 'typeorm';
import { Account } from './account.entity.js';

@Injectable()
export class Ledger {
  constructor(
    @InjectRepository(Account) readonly accounts: Repository<Account>,
    readonly secrets: HcpVaultClient,
  ) {}

  find(id: string): Promise<Account> {
    return this.secrets.withSecret('DB', () => this.accounts.findOneByOrFail({ id }), { rejects: rejectsOf.pg });
  }
}
