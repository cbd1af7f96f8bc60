import { Module } from '@nestjs/common';
import { Backend } from './backend.js';
import { Rotation } from './rotation.js';

@Module({
  providers: [{ provide: Backend, useFactory: () => Backend.start() }, Rotation],
  exports: [Backend],
})
export class BackendModule {}
