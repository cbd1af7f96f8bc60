import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { isLoopback, proxyFor } from '../../sources/http/index.js';
import type { Finding } from './finding.js';
import { fail, ok, skipped, warn } from './finding.js';
import type { ServerAnswer } from './server-answer.js';
import { answerOf } from './server-answer.js';

export interface NetworkReport {
  readonly findings: readonly Finding[];
  /** False where no request can get there. */
  readonly isReachable: boolean;
  readonly answer?: ServerAnswer;
}

/** Milliseconds for one step. */
const PATIENCE = 4_000;
/** Milliseconds. Signatures of AWS are good for five minutes, tokens often for less. */
const SKEW = { warn: 30_000, fail: 240_000 };
const SOON = 14 * 24 * 3_600_000;

/** The way to a server, step by step; nothing of ours is sent. @param path that is asked for, for its date. */
export async function networkFindings(origin: URL, path: string, kind: string): Promise<NetworkReport> {
  const { hostname, port } = origin;
  const protocol = origin.protocol === 'https:' ? 'https:' : 'http:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const loopback = isLoopback(hostname);
  const proxy = isExempt(host) ? undefined : proxyFor({ protocol, loopback, socketPath: undefined }, undefined, kind);
  if (proxy) return throughProxy(new URL(proxy.url), proxy.option);
  const to = { host, port: Number(port || (protocol === 'https:' ? 443 : 80)) };
  const findings: Finding[] = [];
  const way = await wayTo(to, findings);
  if (!way) return { findings, isReachable: false };
  const answer = await answerOf(new URL(path, origin), PATIENCE);
  findings.push(...certificateFindings(answer, host), ...clockFindings(answer));
  return { findings, isReachable: true, answer };
}

async function throughProxy(proxy: URL, option: string): Promise<NetworkReport> {
  const to = { host: proxy.hostname, port: Number(proxy.port || (proxy.protocol === 'https:' ? 443 : 80)) };
  const steps: Finding[] = [];
  const isReachable = await wayTo(to, steps);
  const fault = steps.find(({ outcome }) => outcome === 'fail');
  if (!isReachable && fault) {
    const remedy = `Correct ${option}, or name the server in NO_PROXY where it is reached directly.`;
    return { findings: [fail('proxy', `${option}: ${fault.says}`, remedy)], isReachable };
  }
  const says = `requests go through the proxy of ${option}, ${to.host}:${to.port}, which answers.`;
  return { findings: [ok('proxy', says), skipped('TLS', 'the proxy is in between.')], isReachable: true };
}

async function wayTo({ host, port }: { host: string; port: number }, findings: Finding[]): Promise<boolean> {
  const addresses = await lookup(host, { all: true }).catch(() => []);
  if (addresses.length === 0) {
    const remedy = 'Check the address, and the name servers of this machine or container.';
    findings.push(fail('DNS', `the name ${host} leads to no address.`, remedy));
    return false;
  }
  const shown = [...new Set(addresses.map(({ address }) => address))].slice(0, 3).join(', ');
  findings.push(ok('DNS', shown === host ? `${host} is an address.` : `${host} is ${shown}.`));
  const problem = await connectionProblem(host, port);
  if (problem === undefined) findings.push(ok('reachable', `${host}:${port} takes connections.`));
  else if (problem === 'ECONNREFUSED') findings.push(fail('reachable', `nothing listens at ${host}:${port}.`, 'Check the port, and that the server runs.')); // prettier-ignore
  else findings.push(fail('reachable', `${host}:${port} does not answer (${problem}).`, 'A firewall, a security group or a network policy may be in the way, or a proxy be needed (HTTPS_PROXY).')); // prettier-ignore
  return problem === undefined;
}

/** The code of the failure. */
function connectionProblem(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: PATIENCE, autoSelectFamily: true });
    const end = (problem: string | undefined): void => {
      socket.destroy();
      resolve(problem);
    };
    socket.once('connect', () => end(undefined));
    socket.once('timeout', () => end('ETIMEDOUT'));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => end(code ?? 'no connection'));
  });
}

/** Who is trusted is for the source to say, which may have a CA of its own. */
function certificateFindings({ certificate, tlsFault }: ServerAnswer, host: string): readonly Finding[] {
  if (tlsFault !== undefined) {
    return [fail('TLS', `what listens there speaks no TLS that we understand (${tlsFault}).`, 'Check the scheme and the port: plain http, or another service?')]; // prettier-ignore
  }
  if (!certificate) return [];
  const { from, until, isForHost, names } = certificate;
  const now = Date.now();
  if (until.getTime() < now) return [fail('TLS', `the server's certificate expired on ${day(until)}.`, 'Have it renewed.')]; // prettier-ignore
  if (from.getTime() > now) return [fail('TLS', `the server's certificate begins on ${day(from)} only.`, 'Check the clock of this machine.')]; // prettier-ignore
  if (!isForHost) return [fail('TLS', `the server's certificate is for ${names}, and not for ${host}.`, 'Use the name that the certificate has, or have one made for this name.')]; // prettier-ignore
  if (until.getTime() < now + SOON) return [warn('TLS', `the server's certificate expires on ${day(until)}.`, 'Have it renewed before.')]; // prettier-ignore
  return [ok('TLS', `the server's certificate is for ${host}, until ${day(until)}.`)];
}

function clockFindings({ skew }: ServerAnswer): readonly Finding[] {
  if (skew === undefined) return [skipped('clock', 'the server tells no time.')];
  const size = Math.abs(skew);
  if (size < SKEW.warn) return [ok('clock', "this machine's clock agrees with the server's.")];
  const seconds = Math.round(size / 1000);
  const says = `this machine's clock is ${seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`} ${skew > 0 ? 'ahead of' : 'behind'} the server's.`; // prettier-ignore
  const remedy = 'Set it by NTP: signatures and tokens are refused, or end too early or too late.';
  return [size < SKEW.fail ? warn('clock', says, remedy) : fail('clock', says, remedy)];
}

const day = (date: Date): string => date.toISOString().slice(0, 10);

/** NO_PROXY: names and their sub-domains, or a star. */
function isExempt(host: string): boolean {
  const list = process.env['no_proxy'] ?? process.env['NO_PROXY'] ?? '';
  return list
    .split(/[\s,]+/)
    .map((entry) => entry.replace(/^\*?\./, '').replace(/:\d+$/, ''))
    .some((entry) => entry === '*' || (entry !== '' && (host === entry || host.endsWith(`.${entry}`))));
}
