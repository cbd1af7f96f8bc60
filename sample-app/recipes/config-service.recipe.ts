import { Injectable } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { Recipe } from './recipe.js';

/** For code that reads its settings from ConfigService already: the answer is current, and nothing goes into process.env. */
@Injectable()
export class ConfigServiceRecipe implements Recipe {
  readonly title = 'ConfigService';
  readonly code = "config.get<string>('secrets.SIGNING_KEY')";
  readonly secret = 'SIGNING_KEY';
  readonly live = true;

  constructor(private readonly config: ConfigService) {}

  value(): unknown {
    return this.config.get<string>('secrets.SIGNING_KEY');
  }
}
