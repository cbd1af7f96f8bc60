import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import type { INestApplication } from '@nestjs/common';

/** Listens on PORT (3000; 0 takes a free one) of HOST (loopback alone, as the page tells about secrets), and gives the URL. */
export async function listen(app: INestApplication<Server>, environment = process.env): Promise<string> {
  const port = portOf(environment['PORT'] || '3000');
  const host = environment['HOST'] || '127.0.0.1';
  try {
    await app.listen(port, host);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EADDRINUSE') throw error;
    throw new Error(`port ${port} is taken. Choose another: PORT=${port + 1} npm start`, { cause: error });
  }
  const { port: taken } = app.getHttpServer().address() as AddressInfo;
  return `http://${host === '127.0.0.1' || host === '0.0.0.0' || host === '::' ? 'localhost' : host}:${taken}/`;
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new Error(`PORT is "${text}", and has to be a number from 0 to 65535.`);
}
