import type { Rotating } from 'nestjs-hcp-vault';
import { describeWith } from '../servers/available.js';
import type { PrismaClient } from './prisma/generated/client.js';
import { prismaProvider } from './prisma/prisma.provider.js';
import { postgresSide } from './support/postgres.side.js';
import { underRotation } from './support/under-rotation.js';

describeWith(['postgresql'], 'the recipe of Prisma', () => {
  underRotation({
    recipe: 'Prisma',
    page: 'prisma.md',
    start: postgresSide,
    app: () => ({ providers: [prismaProvider] }),
    work: (app) => {
      const prisma = app.get<Rotating<PrismaClient>>('PRISMA');
      return () => prisma.use((client) => client.account.findUniqueOrThrow({ where: { id: 'a' } }));
    },
  });
});
