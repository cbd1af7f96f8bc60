import { setTimeout as pause } from 'node:timers/promises';
import type { PushChannel } from 'nestjs-hcp-vault';
import pg from 'pg';

/** Hears `NOTIFY secrets, 'NAME'`. */
export const postgresEvents = (connectionString: string): PushChannel => ({
  kind: 'postgres-events',
  async open(listener, { signal }) {
    let client: pg.Client;
    const listen = async (): Promise<void> => {
      client = new pg.Client({ connectionString, keepAlive: true });
      client.on('notification', ({ payload }) => listener(payload ? [payload] : undefined));
      client.on('error', (error) => listener.lost(error));
      client.once('end', () => void again());
      await client.connect();
      await client.query('LISTEN secrets');
    };
    const again = async (): Promise<void> => {
      await pause(1_000, undefined, { ref: false });
      // One that can't connect ends too, and so comes here again.
      if (!signal.aborted)
        await listen().then(
          () => listener.resumed(),
          () => undefined,
        );
    };
    await listen().catch((error: unknown) => listener.lost(error));
    return () => client.end();
  },
});
