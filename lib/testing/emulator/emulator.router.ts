import type { EmulatorTokens } from './emulator.tokens.js';
import type { ApiCall, EmulatedProject, Route } from './emulator.routes.js';
import { routes } from './emulator.routes.js';
import type { ReceivedRequest } from './emulator.server.js';
import type { Answer } from './rpc-error.js';
import { RpcError } from './rpc-error.js';

const TOKEN_PATH = '/oauth2/token';
const PROJECT = /^\/secrets\/2023-11-28\/organizations\/([^/]+)\/projects\/([^/]+)\/(.+)$/;
/** A verb ends the last segment; clients may write its colon percent-encoded. */
const VERB = /(?::|%3A)(open|rotate|batch)$/i;

const compiled = routes.map((route) => ({ route, ...target(route.path) }));

/** Answers a request: the token endpoint, then (with a token, and of this project) the calls of the API. */
export function answerTo(request: ReceivedRequest, project: EmulatedProject, tokens: EmulatorTokens): Answer {
  if (request.path === TOKEN_PATH) {
    if (request.method === 'POST') return tokens.grant(request.headers, request.body.toString('utf8'));
    return { status: 405, body: { error: 'invalid_request' }, headers: { allow: 'POST' } };
  }
  try {
    return { status: 200, body: callApi(request, project, tokens) };
  } catch (error) {
    if (error instanceof RpcError) return error.toAnswer();
    return new RpcError(13, 'internal error').toAnswer(); // what it says may quote a value
  }
}

function callApi(request: ReceivedRequest, project: EmulatedProject, tokens: EmulatorTokens): object {
  const [, organizationId, projectId, rest] = PROJECT.exec(request.path) ?? [];
  if (organizationId === undefined || projectId === undefined || rest === undefined) throw RpcError.notFound('path');
  if (!tokens.accepts(request.headers.authorization))
    throw new RpcError(16, 'the access token is missing or not valid');
  if (decode(organizationId) !== project.organizationId || decode(projectId) !== project.projectId) {
    throw new RpcError(7, 'permission denied on this organization or project');
  }
  const { route, params } = find(request.method, rest);
  const call: ApiCall = {
    project,
    query: request.query,
    param: (name) => params.get(name) ?? '',
    json: () => objectIn(request.body),
  };
  return route.answer(call);
}

function find(method: string, path: string): { route: Route; params: ReadonlyMap<string, string> } {
  // The second reading is for a name that ends like a verb.
  for (const { segments, verb } of [target(path), { segments: path.split('/'), verb: '' }]) {
    const values = segments.map(decode);
    const fitting = compiled.filter((own) => own.verb === verb && fits(own.segments, values));
    const found = fitting.find(({ route }) => route.method === method);
    if (found) return { route: found.route, params: paramsOf(found.segments, values) };
    if (fitting.length > 0) throw new RpcError(12, 'method not allowed');
  }
  throw RpcError.notFound('path');
}

/** A path's segments, and the verb behind the last one. */
function target(path: string): { segments: string[]; verb: string } {
  const verb = VERB.exec(path)?.[1]?.toLowerCase() ?? '';
  return { segments: path.replace(VERB, '').split('/'), verb };
}

function fits(pattern: readonly string[], values: readonly string[]): boolean {
  if (pattern.length !== values.length) return false;
  return pattern.every((segment, i) => (isParam(segment) ? values[i] !== '' : segment === values[i]));
}

function paramsOf(pattern: readonly string[], values: readonly string[]): Map<string, string> {
  return new Map(pattern.flatMap((segment, i) => (isParam(segment) ? [[segment.slice(1, -1), values[i] ?? '']] : [])));
}

const isParam = (segment: string): boolean => segment.startsWith('{');

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw RpcError.invalid('the path is not percent-encoded properly');
  }
}

function objectIn(body: Buffer): Readonly<Record<string, unknown>> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString('utf8'));
  } catch {
    parsed = undefined; // the parser's message quotes the body
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Record<string, unknown>;
  throw RpcError.invalid('the body has to be a JSON object');
}
