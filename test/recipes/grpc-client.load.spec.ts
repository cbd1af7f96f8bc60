import type { ClientGrpcProxy } from '@nestjs/microservices';
import type { Rotating } from 'nestjs-hcp-vault';
import { balanceOf } from './grpc/accounts.js';
import { accountsProvider } from './grpc/client.provider.js';
import { proto } from './support/grpc.callers.js';
import { grpcSide } from './support/grpc.side.js';
import { underRotation } from './support/under-rotation.js';

// The files of docs/recipes/certificates.md, as they stand there.
describe('the recipe of a gRPC client that shows a certificate', () => {
  underRotation({
    recipe: 'gRPC client with a certificate',
    page: 'certificates.md',
    secret: 'MTLS',
    start: async () => {
      const side = await grpcSide();
      process.env['GRPC_URL'] = side.url;
      process.env['GRPC_PROTO'] = proto;
      return side;
    },
    app: () => ({ providers: [accountsProvider] }),
    work: (app) => () => app.get<Rotating<ClientGrpcProxy>>('ACCOUNTS').use((client) => balanceOf(client, 'a')),
  });
});
