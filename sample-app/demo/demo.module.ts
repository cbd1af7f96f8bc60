import { Module } from '@nestjs/common';
import { AppModule } from '../app.module.js';
import { Backend } from '../backend/backend.js';
import { BackendModule } from '../backend/backend.module.js';
import type { EmbeddedBackend } from '../backend/embedded.backend.js';
import { Database } from './database.js';
import { DemoController } from './demo.controller.js';
import { Journal } from './journal.js';
import { Load } from './load.js';
import { ObjectStore } from './object-store.js';
import { Operator } from './operator.js';
import { OrdersController } from './orders.controller.js';
import { pool } from './pool.js';
import { Rotation } from './rotation.js';

const EMBEDDED = 'EMBEDDED';

/** The app on the embedded backend, with what uses its secrets, what goes wrong there, and a load meanwhile. */
@Module({
  imports: [AppModule, BackendModule],
  controllers: [OrdersController, DemoController],
  providers: [
    { provide: EMBEDDED, inject: [Backend], useFactory: embeddedIn },
    {
      provide: Database,
      inject: [EMBEDDED],
      useFactory: (backend: EmbeddedBackend) => Database.start(backend.login),
    },
    { provide: ObjectStore, inject: [EMBEDDED], useFactory: (backend: EmbeddedBackend) => ObjectStore.start(backend) },
    {
      provide: Operator,
      inject: [EMBEDDED, Database, ObjectStore, Journal],
      useFactory: (...parts: ConstructorParameters<typeof Operator>) => new Operator(...parts),
    },
    pool,
    Journal,
    Load,
    Rotation,
  ],
})
export class DemoModule {}

function embeddedIn({ embedded }: Backend): EmbeddedBackend {
  if (!embedded) throw new Error('The demo is for the embedded backend only.');
  return embedded;
}
