import type { ServerResponse } from 'node:http';
import { startServer } from '../support/server.js';

/** What a request holds, as its operation has it. */
export interface StubInput {
  readonly SecretIdList: string[];
  readonly SecretId: string;
  readonly Names: string[];
  readonly Name: string;
  readonly VersionStage?: string;
  readonly NextToken?: string;
  readonly [key: string]: unknown;
}

export interface StubRequest {
  /** E.g. `GetSecretValue`; `AssumeRole` for STS. */
  readonly operation: string;
  readonly input: StubInput;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** What AWS says: an answer, or an error by its name. */
export type StubAnswer =
  object | { readonly error: string; readonly status?: number; readonly headers?: Record<string, string> };

/** AWS for what moto can't play: throttling, denial, expired tokens. Speaks AWS JSON, and STS's XML. */
export async function startStub(answer: (request: StubRequest) => StubAnswer | Promise<StubAnswer>) {
  const requests: StubRequest[] = [];
  const server = await startServer((_, response) => {
    const { headers, body } = server.requests.at(-1)!;
    const target = String(headers['x-amz-target'] ?? '').split('.')[1];
    const form = new URLSearchParams(target ? '' : body);
    const operation = target ?? form.get('Action') ?? 'unknown';
    const input = (target ? JSON.parse(body) : Object.fromEntries(form)) as StubInput;
    const request = { operation, input, headers };
    requests.push(request);
    void Promise.resolve(answer(request)).then((said) =>
      target ? json(response, said) : xml(response, operation, said),
    );
  });
  return { url: server.url, requests, operations: () => requests.map(({ operation }) => operation) };
}

function json(response: ServerResponse, said: StubAnswer): void {
  const headers = { 'content-type': 'application/x-amz-json-1.1' };
  if (!('error' in said)) return void response.writeHead(200, headers).end(JSON.stringify(said));
  // AWS puts what it knows into the message, a value too, if it were so: none of it may come out again.
  const body = { __type: said.error, message: 'canary-body-of-aws', Message: 'canary-body-of-aws' };
  response.writeHead(said.status ?? 400, { ...headers, ...said.headers }).end(JSON.stringify(body));
}

function xml(response: ServerResponse, operation: string, said: StubAnswer): void {
  const headers = { 'content-type': 'text/xml' };
  if ('error' in said) {
    const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${said.error}</Code><Message>canary-body-of-aws</Message></Error></ErrorResponse>`;
    return void response.writeHead(said.status ?? 400, headers).end(body);
  }
  const inner = Object.entries(said).map(([key, value]) => `<${key}>${String(value)}</${key}>`);
  response
    .writeHead(200, headers)
    .end(
      `<${operation}Response><${operation}Result><Credentials>${inner.join('')}</Credentials></${operation}Result></${operation}Response>`,
    );
}

/** A batch's answer, from names to texts. */
export const batchOf = (values: Record<string, string>, ids: readonly string[]) => ({
  SecretValues: ids.filter((id) => id in values).map((id) => valueOf(id, values[id]!)),
  Errors: ids
    .filter((id) => !(id in values))
    .map((id) => ({ SecretId: id, ErrorCode: 'ResourceNotFoundException', Message: 'canary-body-of-aws' })),
});

export const valueOf = (name: string, text: string, version = `version-of-${text}`) => ({
  ARN: `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}-Ab12Cd`,
  Name: name,
  VersionId: version,
  SecretString: text,
  VersionStages: ['AWSCURRENT'],
  CreatedDate: 1_700_000_000,
});
