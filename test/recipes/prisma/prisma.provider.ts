import { PrismaPg } from '@prisma/adapter-pg';
import { rejectsOf, rotatingProvider } from 'nestjs-hcp-vault';
import type { PoolConfig } from 'pg';
import { PrismaClient } from './generated/client.js';

export const prismaProvider = rotatingProvider({
  provide: 'PRISMA',
  secret: 'DB',
  create: (login) => new PrismaClient({ adapter: new PrismaPg(login as PoolConfig) }),
  validate: (prisma) => prisma.$queryRaw`SELECT 1`,
  dispose: (prisma) => prisma.$disconnect(),
  rejects: rejectsOf.pg,
});
