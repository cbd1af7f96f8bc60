import { Injectable } from '@nestjs/common';
import { InjectSecret } from 'nestjs-hcp-vault';
import type { Recipe } from './recipe.js';

/** A property reads as the current value each time; it is undefined inside the constructor, and ready in onModuleInit. */
@Injectable()
export class PropertyRecipe implements Recipe {
  readonly title = 'Property';
  readonly code = "@InjectSecret('STRIPE_KEY') readonly key!: string;";
  readonly secret = 'STRIPE_KEY';
  readonly live = true;

  @InjectSecret('STRIPE_KEY', { optional: true }) private readonly key: string | undefined;

  value(): unknown {
    return this.key;
  }
}
