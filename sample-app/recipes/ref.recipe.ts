import { Injectable } from '@nestjs/common';
import { InjectSecretRef, type SecretRef } from 'nestjs-hcp-vault';
import type { Recipe } from './recipe.js';

/** A handle to pass on: the current value, its version and a stream of changes. Printing it shows its name alone. */
@Injectable()
export class RefRecipe implements Recipe {
  readonly title = 'Handle';
  readonly code = "constructor(@InjectSecretRef('SIGNING_KEY') key: SecretRef<string>) {}";
  readonly secret = 'SIGNING_KEY';
  readonly live = true;

  constructor(@InjectSecretRef('SIGNING_KEY', { optional: true }) private readonly key: SecretRef<string>) {}

  value(): unknown {
    return this.key.value;
  }
}
