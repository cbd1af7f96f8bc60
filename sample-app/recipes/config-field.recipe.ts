import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { configSecret } from 'nestjs-hcp-vault';
import type { Recipe } from './recipe.js';

/** A field of a structured secret out of ConfigService. */
@Injectable()
export class ConfigFieldRecipe implements Recipe {
  readonly title = 'Field through ConfigService';
  readonly code = "configSecret(config, 'secrets', 'DATABASE', 'values.password')";
  readonly secret = 'DATABASE';
  readonly field = 'values.password';
  readonly live = true;

  constructor(private readonly config: ConfigService) {}

  value(): unknown {
    return configSecret(this.config, 'secrets', 'DATABASE', 'values.password');
  }
}
