// AWS at a distance, Secrets Manager and Parameter Store: answers each request after a latency, and tells in how many round trips the requests of one case came.
import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { createServer } from 'node:http';

const secretOf = (Name) => ({
  ARN: `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${Name}-Ab12Cd`,
  Name,
  VersionId: '00000000-0000-4000-8000-000000000001',
  SecretString: `the value of ${Name}`,
  CreatedDate: 1_700_000_000,
});

const parameterOf = (Name) => ({
  ARN: `arn:aws:ssm:eu-central-1:123456789012:parameter${Name}`,
  Name,
  Value: `the value of ${Name}`,
  Version: 1,
  Type: 'SecureString',
  LastModifiedDate: 1_700_000_000,
});

/** Whether one more request fits into what AWS lets an account ask within a second: that many at once, and as many in each second after. */
function quotaOf(rate) {
  let left = rate;
  let at = performance.now();
  return () => {
    const now = performance.now();
    left = Math.min(rate, left + ((now - at) * rate) / 1000);
    at = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}

/**
 * @param names of the secrets that there are, and of the parameters; `deniesBatches` plays a role without that permission.
 * @param quota requests within a second, of all operations together; without one there is no limit.
 */
export async function startServer({ names = [], parameters = [], latency, quota }) {
  const counts = { requests: 0, roundTrips: 0, throttled: 0 };
  let fits = () => true;
  const state = { deniesBatches: false };
  // What arrives after an answer went out may have waited for it: a new round trip begins.
  let answeredSince = true;
  const operations = {
    ListSecrets: () => ({ SecretList: names.map((Name) => ({ Name })) }),
    GetSecretValue: ({ SecretId }) => secretOf(SecretId),
    BatchGetSecretValue: ({ SecretIdList }) =>
      state.deniesBatches ? undefined : { SecretValues: SecretIdList.map(secretOf), Errors: [] },
    GetParameters: ({ Names }) => ({ Parameters: Names.map(parameterOf), InvalidParameters: [] }),
    DescribeParameters: ({ MaxResults = 10, NextToken = '0' }) => {
      const end = Number(NextToken) + MaxResults;
      const Parameters = parameters.slice(Number(NextToken), end).map((Name) => ({ Name }));
      return { Parameters, ...(end < parameters.length && { NextToken: String(end) }) };
    },
  };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      counts.requests += 1;
      if (answeredSince) counts.roundTrips += 1;
      answeredSince = false;
      const isThrottled = !fits();
      counts.throttled += Number(isThrottled);
      const refused = isThrottled ? 'ThrottlingException' : 'AccessDeniedException';
      const said = isThrottled
        ? undefined
        : operations[String(request.headers['x-amz-target']).split('.')[1]](JSON.parse(body));
      setTimeout(() => {
        answeredSince = true;
        const text = JSON.stringify(said ?? { __type: refused });
        // As AWS does, the length is told.
        const headers = { 'content-type': 'application/x-amz-json-1.1', 'content-length': Buffer.byteLength(text) };
        response.writeHead(said ? 200 : 400, headers).end(text);
      }, latency);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${server.address().port}`,
    counts,
    state,
    reset: () => {
      Object.assign(counts, { requests: 0, roundTrips: 0, throttled: 0 });
      if (quota !== undefined) fits = quotaOf(quota);
      answeredSince = true;
    },
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
