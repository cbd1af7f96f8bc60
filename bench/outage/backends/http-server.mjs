// A backend on loopback whose API is JSON over HTTP.
import { once } from 'node:events';
import { createServer } from 'node:http';

/** @param answer `({ method, url, body, headers }) => Promise<{ status, body, headers? }>` */
export async function serve(answer) {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', async () => {
      const { method, url, headers } = request;
      const { status, body: said, headers: more } = await answer({ method, url, body, headers });
      response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(said));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
