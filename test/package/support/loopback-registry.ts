import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { tarball, unpacked } from './packed.js';
import { runWell } from './run.js';

export interface LoopbackRegistry {
  /** For `npm_config_registry`. */
  readonly url: string;
  close(): Promise<unknown>;
}

/** An npm registry that has the packed tarball as the latest version of the package, and sends npm on to its own for all others. */
export async function startRegistry(): Promise<LoopbackRegistry> {
  const bytes = await readFile(tarball);
  const manifest = JSON.parse(await readFile(join(unpacked, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const upstream = (await runWell('npm', ['config', 'get', 'registry'])).trim().replace(/\/$/, '');
  const server = createServer((request, response) => {
    if (request.url === '/package.tgz') response.end(bytes);
    else if (request.url === `/${manifest.name}`) response.end(JSON.stringify(packument()));
    else response.writeHead(307, { location: upstream + request.url }).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const packument = () => {
    const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
    const version = { ...manifest, dist: { tarball: `${url}/package.tgz`, integrity } };
    return {
      name: manifest.name,
      'dist-tags': { latest: manifest.version },
      versions: { [manifest.version]: version },
    };
  };
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { url, close };
}
