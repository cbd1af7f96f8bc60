import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';

export interface PlayedLdap {
  readonly url: string;
  /** The names of all that tried to bind. */
  readonly binds: string[];
  stop(): void;
}

const [INTEGER, OCTETS, ENUMERATED, SEQUENCE, SET] = [0x02, 0x04, 0x0a, 0x30, 0x31];
const [BIND, BOUND, UNBIND, SEARCH, ENTRY, DONE] = [0x60, 0x61, 0x42, 0x63, 0x64, 0x65];
const INVALID_CREDENTIALS = 49;

/** BER, with lengths of two bytes, which is all that is needed here. */
const ber = (tag: number, ...parts: (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([tag, 0x82, body.length >> 8, body.length & 255]), body]);
};

interface Element {
  readonly tag: number;
  readonly body: Buffer;
  readonly rest: Buffer;
}

function read(bytes: Buffer): Element | undefined {
  const first = bytes[1];
  if (first === undefined) return undefined;
  const more = first < 0x80 ? 0 : first & 0x7f;
  const length = more === 0 ? first : bytes.readUIntBE(2, more);
  const [start, end] = [2 + more, 2 + more + length];
  if (bytes.length < end) return undefined;
  return { tag: bytes[0]!, body: bytes.subarray(start, end), rest: bytes.subarray(end) };
}

function all(bytes: Buffer): Element[] {
  const element = read(bytes);
  return element ? [element, ...all(element.rest)] : [];
}

/** As much of LDAP (RFC 4511) as a login takes: simple binds of these users, by their names, and an entry for whoever searches. */
export async function startLdap(users: Readonly<Record<string, string>>): Promise<PlayedLdap> {
  const binds: string[] = [];
  const sockets = new Set<Socket>();
  const result = (tag: number, code: number): Buffer =>
    ber(tag, ber(ENUMERATED, Buffer.from([code])), ber(OCTETS), ber(OCTETS));

  const answersTo = ({ tag, body }: Element): Buffer[] => {
    if (tag === BIND) {
      const [, name, password] = all(body).map((element) => element.body.toString());
      binds.push(name!);
      return [result(BOUND, users[name!] === password ? 0 : INVALID_CREDENTIALS)];
    }
    if (tag !== SEARCH) return [];
    const [base] = all(body).map((element) => element.body.toString());
    const [, uid] = /^uid=([^,]+)/.exec(base!) ?? [];
    const attribute = ber(SEQUENCE, ber(OCTETS, 'uid'), ber(SET, ber(OCTETS, uid ?? 'mary')));
    return [ber(ENTRY, ber(OCTETS, base!), ber(SEQUENCE, attribute)), result(DONE, 0)];
  };

  const server = createServer((socket) => {
    sockets.add(socket);
    let pending = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      for (let message = read(pending); message; message = read(pending)) {
        pending = Buffer.from(message.rest);
        const [id, operation] = all(message.body);
        if (operation!.tag === UNBIND) return void socket.end();
        for (const answer of answersTo(operation!)) socket.write(ber(SEQUENCE, ber(INTEGER, id!.body), answer));
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `ldap://127.0.0.1:${(server.address() as AddressInfo).port}`,
    binds,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
