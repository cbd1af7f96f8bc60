import { MongoClient } from 'mongodb';
import { rejectsOf, rotatingProvider } from 'nestjs-hcp-vault';

export const mongoProvider = rotatingProvider({
  provide: 'MONGO',
  secret: 'DB',
  create: (login) => new MongoClient((login as { url: string }).url),
  validate: (client) => client.connect(),
  dispose: (client) => client.close(),
  rejects: rejectsOf.mongo,
});
