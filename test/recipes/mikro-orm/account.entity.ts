import { EntitySchema } from '@mikro-orm/postgresql';

export class Account {
  id!: string;
  balance!: number;
}

export const accountSchema = new EntitySchema({
  class: Account,
  tableName: 'account',
  properties: { id: { type: 'text', primary: true }, balance: { type: 'integer' } },
});
