import type { MongoClient } from 'mongodb';
import type { Rotating } from 'nestjs-hcp-vault';
import { describeWith } from '../servers/available.js';
import { mongoProvider } from './mongodb/client.provider.js';
import { mongoSide } from './support/mongo.side.js';
import { underRotation } from './support/under-rotation.js';

describeWith(['FerretDB'], 'the recipe of mongodb', () => {
  underRotation({
    recipe: 'mongodb',
    page: 'mongodb.md',
    start: mongoSide,
    app: () => ({ providers: [mongoProvider] }),
    work: (app) => {
      const mongo = app.get<Rotating<MongoClient>>('MONGO');
      return () => mongo.use((client) => client.db().collection('account').findOne({ id: 'a' }));
    },
  });
});
