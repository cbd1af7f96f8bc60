import { status, type ServiceError } from '@grpc/grpc-js';
import { ClientGrpcProxy } from '@nestjs/microservices';
import { rotatingProvider } from 'nestjs-hcp-vault';
import { balanceOf, optionsWith, type Shown } from './accounts.js';

/** Injected as `Rotating<ClientGrpcProxy>`. */
export const accountsProvider = rotatingProvider<ClientGrpcProxy, 'MTLS'>({
  provide: 'ACCOUNTS',
  secret: 'MTLS',
  create: (login) => new ClientGrpcProxy(optionsWith(login as Shown)),
  validate: (client) => balanceOf(client, 'none'),
  dispose: (client) => client.close(),
  rejects: (error) => (error as ServiceError).code === status.UNAVAILABLE,
});
