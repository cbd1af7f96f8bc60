import { Module } from '@nestjs/common';
import { ClientRecipe } from './client.recipe.js';
import { ConfigFieldRecipe } from './config-field.recipe.js';
import { ConfigKeyRecipe } from './config-key.recipe.js';
import { ConfigServiceRecipe } from './config-service.recipe.js';
import { ConstructorRecipe } from './constructor.recipe.js';
import { DynamicFieldRecipe } from './dynamic-field.recipe.js';
import { MethodRecipe } from './method.recipe.js';
import { PropertyRecipe } from './property.recipe.js';
import type { Recipe } from './recipe.js';
import { RefRecipe } from './ref.recipe.js';

const classes = [
  ConstructorRecipe,
  PropertyRecipe,
  DynamicFieldRecipe,
  MethodRecipe,
  RefRecipe,
  ConfigServiceRecipe,
  ConfigKeyRecipe,
  ConfigFieldRecipe,
  ClientRecipe,
];

/** Token of the list of all recipes. */
export const RECIPES = 'RECIPES';

@Module({
  providers: [...classes, { provide: RECIPES, inject: classes, useFactory: (...recipes: Recipe[]) => recipes }],
  exports: [RECIPES],
})
export class RecipesModule {}
