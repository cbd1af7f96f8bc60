import { credentials } from '@grpc/grpc-js';
import type { ClientGrpc } from '@nestjs/microservices';
import { firstValueFrom, type Observable } from 'rxjs';

export type Shown = Readonly<Record<'key' | 'cert' | 'ca', string>>;

export const optionsWith = ({ key, cert, ca }: Shown) => ({
  package: 'accounts',
  protoPath: process.env['GRPC_PROTO']!,
  url: process.env['GRPC_URL']!,
  credentials: credentials.createSsl(Buffer.from(ca), Buffer.from(key), Buffer.from(cert)),
});

type Accounts = Record<'balance', (account: { id: string }) => Observable<{ amount: number }>>;
export const balanceOf = (client: ClientGrpc, id: string) =>
  firstValueFrom(client.getService<Accounts>('Accounts').balance({ id }));
