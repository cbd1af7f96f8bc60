import { NestFactory } from '@nestjs/core';
import { AppModule, run } from './status.js';

void NestFactory.create(AppModule, { logger: false }).then(run);
