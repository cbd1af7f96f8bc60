import { Controller, Get, Header, Inject, type OnApplicationShutdown } from '@nestjs/common';
import { HcpVaultClient, type Rotating } from 'nestjs-hcp-vault';
import type { AccessKey, Issued } from '../backend/credentials.js';
import { Caller } from './caller.js';
import { ObjectStore } from './object-store.js';
import { isRefused, POOL, type PoolOfDatabase } from './pool.js';

/** A request as apps have them: a query through the pool, then a call with an access key. Nothing here knows of rotations. */
@Controller('orders')
export class OrdersController implements OnApplicationShutdown {
  /** By the key's id: it is made once for each key. */
  private uploads: { readonly id: string; readonly caller: Caller } | undefined;

  constructor(
    @Inject(POOL) private readonly pool: Rotating<PoolOfDatabase>,
    private readonly secrets: HcpVaultClient,
    private readonly store: ObjectStore,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  async place(): Promise<{ readonly placed: true }> {
    await this.pool.use((connections) => connections.query());
    await this.secrets.withSecret('AWS', ({ values }: Issued<AccessKey>) => this.callerFor(values).call(), {
      rejects: isRefused,
    });
    return { placed: true };
  }

  private callerFor({ access_key_id: id, secret_access_key: key }: AccessKey): Caller {
    if (this.uploads?.id !== id) this.uploads = { id, caller: new Caller(this.store.port, id, key) };
    return this.uploads.caller;
  }

  onApplicationShutdown(): void {
    this.uploads?.caller.end();
  }
}
