import { Injectable } from '@nestjs/common';
import { HcpVaultClient } from 'nestjs-hcp-vault';
import type { Recipe } from './recipe.js';

/** For names that are known at run time alone: `get` reads from memory, `fetch` asks the source on a miss. */
@Injectable()
export class ClientRecipe implements Recipe {
  readonly title = 'Client';
  readonly code = "client.get<string>('DATABASE', { field: 'values.username' })";
  readonly secret = 'DATABASE';
  readonly field = 'values.username';
  readonly live = true;

  constructor(private readonly client: HcpVaultClient) {}

  value(): unknown {
    return this.client.get<string>('DATABASE', { field: 'values.username' });
  }
}
