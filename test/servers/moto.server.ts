import { request } from 'undici';
import { freePort, startChild } from './child.server.js';
import { motoBinary } from './locations.mjs';

export interface MotoServer {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/** AWS as moto plays it, in memory. */
export async function startMoto(): Promise<MotoServer> {
  const command = motoBinary();
  if (!command) throw new Error('No moto: npm run servers');
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = await startChild({
    command,
    args: ['-H', '127.0.0.1', '-p', String(port)],
    ready: async () => {
      const { statusCode, body } = await request(`${endpoint}/moto-api/data.json`);
      await body.dump();
      return statusCode === 200;
    },
  });
  return { endpoint, stop: () => child.stop() };
}
