import { randomUUID } from 'node:crypto';
import { describeWith } from '../servers/available.js';
import { queueProvider, workerProvider } from './redis/bullmq.providers.js';
import { Mails } from './redis/mails.service.js';
import { redisProvider } from './redis/node-redis.provider.js';
import { redisSide } from './sides/redis.side.js';
import { underRotation } from './support/under-rotation.js';

// The files of docs/recipes/redis.md, as they stand there.
describeWith(['redis'], 'the recipe of BullMQ', () => {
  const waiting = new Map<string, () => void>();
  underRotation({
    recipe: 'BullMQ, a queue and its worker',
    page: 'redis.md',
    secret: 'REDIS',
    start: () =>
      redisSide({
        secret: ({ user, password }, port) => ({ url: `redis://127.0.0.1:${port}`, username: user, password }),
        resource: () => 'app', // one client, with the copies that BullMQ makes of it
      }),
    app: () => ({
      providers: [
        redisProvider,
        queueProvider,
        workerProvider(({ id }) => Promise.resolve(waiting.get(id!)?.())),
        Mails,
      ],
    }),
    work: (app) => {
      const mails = app.get(Mails);
      return () =>
        new Promise<void>((done, failed) => {
          const id = randomUUID();
          waiting.set(id, done);
          mails.send('somebody', id).catch(failed);
        });
    },
  });
});
