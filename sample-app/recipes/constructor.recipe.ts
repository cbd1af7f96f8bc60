import { Injectable } from '@nestjs/common';
import { InjectSecret } from 'nestjs-hcp-vault';
import type { Recipe } from './recipe.js';

/** A constructor parameter is a string like any other: it stays what it was when the instance was made. */
@Injectable()
export class ConstructorRecipe implements Recipe {
  readonly title = 'Constructor parameter';
  readonly code = "constructor(@InjectSecret('STRIPE_KEY') key: string) {}";
  readonly secret = 'STRIPE_KEY';
  readonly live = false;

  constructor(@InjectSecret('STRIPE_KEY', { optional: true }) private readonly key: string | undefined) {}

  value(): unknown {
    return this.key;
  }
}
