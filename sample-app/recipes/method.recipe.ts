import { Injectable } from '@nestjs/common';
import { InjectSecret, WithSecrets } from 'nestjs-hcp-vault';
import type { Recipe } from './recipe.js';

/** A parameter that is filled at each call in which the caller leaves it undefined; a test hands in its own. */
@Injectable()
export class MethodRecipe implements Recipe {
  readonly title = 'Method parameter';
  readonly code = "@WithSecrets() charge(amount: number, @InjectSecret('STRIPE_KEY') key?: string) {}";
  readonly secret = 'STRIPE_KEY';
  readonly live = true;

  value(): unknown {
    return this.charge(5);
  }

  @WithSecrets()
  private charge(_amount: number, @InjectSecret('STRIPE_KEY', { optional: true }) key?: string): string | undefined {
    return key;
  }
}
