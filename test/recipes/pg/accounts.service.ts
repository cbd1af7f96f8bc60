import { Injectable } from '@nestjs/common';
import { HcpVaultClient, InjectSecretRef, rejectsOf, type SecretRef } from 'nestjs-hcp-vault';
import pg from 'pg';

@Injectable()
export class Accounts {
  readonly #pool: pg.Pool;
  constructor(
    @InjectSecretRef('DB') db: SecretRef<{ user: string; password: string }>,
    private readonly secrets: HcpVaultClient,
  ) {
    this.#pool = new pg.Pool({ ...db.value, password: () => db.value.password }).on('error', () => undefined);
  }
  query = (sql: string) => this.secrets.withSecret('DB', () => this.#pool.query(sql), { rejects: rejectsOf.pg });
  onModuleDestroy = () => this.#pool.end();
}
