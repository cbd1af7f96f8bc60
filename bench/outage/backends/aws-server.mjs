// AWS as both stores speak it: JSON over one path, the operation in a header.
import { once } from 'node:events';
import { createServer } from 'node:http';

export const access = { region: 'eu-central-1', credentials: { accessKeyId: 'AKIA', secretAccessKey: 'made-up' } };

/** @param namesOf the names in a request; @param answerTo gives the answer of an operation, or the name of an error. */
export async function startAws(faults, namesOf, answerTo) {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', async () => {
      const operation = String(request.headers['x-amz-target']).split('.')[1];
      const input = JSON.parse(body);
      const fault = await faults.meet({ operation, names: namesOf(input) });
      const answer = fault === undefined ? answerTo(operation, input) : errorOf(fault);
      const [status, said] = answer.error ? [answer.status ?? 400, { __type: answer.error }] : [200, answer];
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(said));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${server.address().port}`,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const errorOf = (fault) =>
  fault === 'throttled'
    ? { error: 'ThrottlingException' }
    : { error: fault === 429 ? 'TooManyRequestsException' : 'InternalServiceError', status: fault };
