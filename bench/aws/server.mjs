// Secrets Manager at a distance: answers each request after a latency, and tells in how many round trips the requests of one case came.
import { once } from 'node:events';
import { createServer } from 'node:http';

const valueOf = (Name) => ({
  ARN: `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${Name}-Ab12Cd`,
  Name,
  VersionId: '00000000-0000-4000-8000-000000000001',
  SecretString: `the value of ${Name}`,
  CreatedDate: 1_700_000_000,
});

/** @param names of the secrets that there are; `deniesBatches` plays a role without that permission. */
export async function startServer({ names, latency }) {
  const counts = { requests: 0, roundTrips: 0 };
  const state = { deniesBatches: false };
  // What arrives after an answer went out may have waited for it: a new round trip begins.
  let answeredSince = true;
  const answer = (operation, input) => {
    if (operation === 'ListSecrets') return [200, { SecretList: names.map((Name) => ({ Name })) }];
    if (operation === 'GetSecretValue') return [200, valueOf(input.SecretId)];
    if (state.deniesBatches) return [400, { __type: 'AccessDeniedException' }];
    return [200, { SecretValues: input.SecretIdList.map(valueOf), Errors: [] }];
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      counts.requests += 1;
      if (answeredSince) counts.roundTrips += 1;
      answeredSince = false;
      const [status, said] = answer(String(request.headers['x-amz-target']).split('.')[1], JSON.parse(body));
      setTimeout(() => {
        answeredSince = true;
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(said));
      }, latency);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${server.address().port}`,
    counts,
    state,
    reset: () => {
      Object.assign(counts, { requests: 0, roundTrips: 0 });
      answeredSince = true;
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
