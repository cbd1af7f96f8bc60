import { Transport, type AsyncMicroserviceOptions } from '@nestjs/microservices';
import { GrpcCertificate } from './certificate.provider.js';

/** For `NestFactory.createMicroservice(AppModule, grpcService)`. */
export const grpcService: AsyncMicroserviceOptions = {
  inject: [GrpcCertificate],
  useFactory: ({ credentials }: GrpcCertificate) => ({
    transport: Transport.GRPC,
    options: { credentials, package: 'accounts', protoPath: process.env['GRPC_PROTO']!, url: process.env['GRPC_URL']! },
  }),
};
