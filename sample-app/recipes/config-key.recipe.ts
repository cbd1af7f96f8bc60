import { Inject, Injectable } from '@nestjs/common';
import type { SecretsView } from 'nestjs-hcp-vault';
import type { Recipe } from './recipe.js';
import { secretsConfig } from './secrets.config.js';

/** The same object by its key, as with `registerAs` of @nestjs/config. */
@Injectable()
export class ConfigKeyRecipe implements Recipe {
  readonly title = 'Config namespace';
  readonly code = "constructor(@Inject(secretsConfig.KEY) secrets: SecretsView) {} … secrets['MAIL_TOKEN']";
  readonly secret = 'MAIL_TOKEN';
  readonly live = true;

  constructor(@Inject(secretsConfig.KEY) private readonly secrets: SecretsView) {}

  value(): unknown {
    return this.secrets['MAIL_TOKEN'];
  }
}
