// What apps log: lines of 200 bytes of several kinds, none of which holds a secret, each kind 64 different ones.
import { Buffer } from 'node:buffer';

const words = 'order customer invoice payment stored in 12 ms by worker 3 of queue mails, next attempt at 10:24:07 for tenant blue'.split(' '); // prettier-ignore

const cut = (text, length) => text.padEnd(length, ' ok').slice(0, length);
const some = (kind) => Array.from({ length: 64 }, (_, index) => kind(index));
const prose = (index) => Array.from({ length: 60 }, (_, at) => words[(at * 7 + index * 3 + (at >> 2)) % words.length]).join(' '); // prettier-ignore

export const lines = {
  'Nest, text': some((i) => cut(`[Nest] ${4000 + i}  - 11/27/2026, 6:0${i % 10}:12 PM     LOG [OrdersService] ${prose(i)}`, 200)), // prettier-ignore
  'pino, JSON': some((i) => `${cut(`{"level":30,"time":17642694${10000 + i},"pid":${4000 + i},"hostname":"app-7d9f","reqId":"req-${i}","msg":"${prose(i)}`, 198)}"}`), // prettier-ignore
  'JSON in JSON': some((i) => `${cut(`{"level":30,"pid":${4000 + i},"msg":"sent {\\"id\\":${i},\\"state\\":\\"new\\",\\"to\\":\\"${prose(i)}`, 193)}\\"}"}`), // prettier-ignore
  'a request with a query': some((i) => cut(`GET /orders/${i}?from=2026-11-27T10%3A00%3A00&q=red%20shoes%2C%20${i}&page=2 200 12 ms - ${prose(i)}`, 200)), // prettier-ignore
  'base64': some((i) => cut(`upload ${Buffer.from(prose(i) + i).toString('base64')}`, 200)),
}; // prettier-ignore

export const long = (kind, bytes) => lines[kind].map((_, at) => Array.from({ length: bytes / 200 }, (_, i) => lines[kind][(at + i) % 64]).join('')); // prettier-ignore
