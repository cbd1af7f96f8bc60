import { Module } from '@nestjs/common';
import { Backend } from './backend.js';

@Module({
  providers: [{ provide: Backend, useFactory: () => Backend.start() }],
  exports: [Backend],
})
export class BackendModule {}
