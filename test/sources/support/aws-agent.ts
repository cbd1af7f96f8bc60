import type { RequestListener } from 'node:http';
import { randomUUID } from 'node:crypto';
import type { SecretValue } from '../../../lib/core/secret/secret-value.js';
import { isBytes } from '../../../lib/core/secret/secret-value.js';
import { startServer } from './server.js';

const HEADER = 'x-aws-parameters-secrets-token';
const KNOWN = ['secretId', 'versionId', 'versionStage', 'refreshNow'];

interface Held {
  readonly versions: { readonly id: string; readonly value: SecretValue }[];
}

/**
 * The Secrets Manager Agent, and Lambda's extension, as they are documented and as the agent's source has it; no real one was to be had. It keeps what it
 * once gave, until it is asked with `refreshNow`, as the agent does within its 300 seconds.
 */
export async function startAgent(token: string, values: Readonly<Record<string, SecretValue>> = {}) {
  const held = new Map<string, Held>();
  const kept = new Map<string, object>();
  let keeps = false;
  const put = (name: string, value: SecretValue): void => {
    const versions = held.get(name)?.versions ?? [];
    held.set(name, { versions: [{ id: randomUUID(), value }, ...versions] });
  };
  for (const [name, value] of Object.entries(values)) put(name, value);
  const arnOf = (name: string): string => `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}-Ab12Cd`;
  const nameOf = (id: string): string =>
    id.replace(/^(?:[^:]*:){6}/, '').replace(id.startsWith('arn:') ? /-Ab12Cd$/ : '', '');

  const secret = (query: URLSearchParams): object | undefined => {
    const name = nameOf(query.get('secretId')!);
    const [id, stage] = [query.get('versionId'), query.get('versionStage')];
    const versions = held.get(name)?.versions ?? [];
    const found = id ? versions.find((version) => version.id === id) : versions[stage === 'AWSPREVIOUS' ? 1 : 0];
    if (!found || (stage && !/^AWS(?:CURRENT|PREVIOUS)$/.test(stage))) return undefined;
    const { value } = found;
    const content = isBytes(value)
      ? { SecretBinary: Buffer.from(value).toString('base64') }
      : { SecretString: typeof value === 'string' ? value : JSON.stringify(value) };
    return { ARN: arnOf(name), Name: name, VersionId: found.id, ...content, VersionStages: ['AWSCURRENT'], CreatedDate: '1569534789.046' };
  }; // prettier-ignore
  const parameter = (query: URLSearchParams): object | undefined => {
    const name = query.get('name')!;
    const versions = held.get(name)?.versions ?? [];
    const number = Number(query.get('version') ?? versions.length);
    const found = query.has('label') ? undefined : versions[versions.length - number];
    if (!found) return undefined;
    const Value = query.get('withDecryption') === 'true' ? (found.value as string) : 'AQICAHencrypted';
    return { Parameter: { Name: name, ARN: `arn:aws:ssm:eu-central-1:123456789012:parameter${name}`, Type: 'SecureString', Value, Version: number, LastModifiedDate: '2026-01-01T00:00:00Z' }, ResultMetadata: {} };
  }; // prettier-ignore

  const answer: RequestListener = ({ url = '', headers, method }, response) => {
    const { pathname, searchParams: query } = new URL(url, 'http://localhost');
    const say = (status: number, body: object | string): void =>
      void response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
    if (headers['x-forwarded-for'] !== undefined) return say(400, 'Forwarded');
    if (headers[HEADER] !== token) return say(403, 'Bad Token');
    if (method !== 'GET') return say(405, 'Not allowed');
    if (pathname === '/systemsmanager/parameters/get') {
      const found = parameter(query);
      return found ? say(200, found) : say(400, { __type: 'ParameterNotFound', message: 'canary-body-of-aws' });
    }
    if (pathname !== '/secretsmanager/get') return say(404, 'Not found');
    const unknown = [...query.keys()].find((key) => !KNOWN.includes(key));
    if (unknown) return say(400, `unknown parameter: ${unknown}`);
    const isFresh = ['true', '1'].includes(query.get('refreshNow') ?? '');
    query.delete('refreshNow');
    const found = (keeps && !isFresh && kept.get(query.toString())) || secret(query);
    if (!found) return say(400, { __type: 'ResourceNotFoundException', message: 'canary-body-of-aws' });
    kept.set(query.toString(), found);
    say(200, found);
  };
  const server = await startServer(answer);
  return { ...server, put, remove: (name: string) => held.delete(name), keep: () => (keeps = true), arnOf };
}
