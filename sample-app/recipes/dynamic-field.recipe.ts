import { Injectable } from '@nestjs/common';
import { InjectSecretField } from 'nestjs-hcp-vault';
import type { Recipe } from './recipe.js';

/** A dynamic secret issues new credentials each time it is opened: it is opened once, and again when two thirds of its life are over. */
@Injectable()
export class DynamicFieldRecipe implements Recipe {
  readonly title = 'Field of a dynamic secret';
  readonly code = "@InjectSecretField('AWS', 'values.access_key_id') readonly id!: string;";
  readonly secret = 'AWS';
  readonly field = 'values.access_key_id';
  readonly live = true;

  @InjectSecretField('AWS', 'values.access_key_id', { optional: true }) private readonly id: string | undefined;

  value(): unknown {
    return this.id;
  }
}
