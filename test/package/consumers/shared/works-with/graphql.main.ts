import 'reflect-metadata';
import { ApolloDriver } from '@nestjs/apollo';
import type { ApolloDriverConfig } from '@nestjs/apollo';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Args, Field, GraphQLModule, ObjectType, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { InjectSecret, WithSecrets } from 'nestjs-hcp-vault';
import { Secrets, show } from './secrets.js';

@ObjectType()
class Account {
  @Field(() => String) id!: string;
}

@Resolver(() => Account)
class Accounts {
  /** Its second and third parameters would be what GraphQL hands to every resolver. */
  @Query(() => Account)
  @WithSecrets()
  account(@Args('id', { type: () => String }) id: string, @InjectSecret('KEY') key?: string): Account {
    return { id: `${id} ${key}` };
  }

  @ResolveField(() => String)
  @WithSecrets()
  own(@InjectSecret('KEY') key?: string): string {
    return String(key);
  }

  @WithSecrets()
  @ResolveField(() => String)
  signed(@Parent() account: Account, @InjectSecret('KEY') key?: string): string {
    return `${account.id} ${key}`;
  }
}

@Module({
  imports: [Secrets, GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true })],
  providers: [Accounts],
})
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  const query = JSON.stringify({ query: '{ account(id: "a") { id own signed } }' });
  const headers = { 'content-type': 'application/json' };
  await show(app, async () => {
    const answer = await fetch(`${await app.getUrl()}/graphql`, { method: 'POST', headers, body: query });
    return ((await answer.json()) as { data: { account: unknown } }).data.account;
  });
}
void main();
