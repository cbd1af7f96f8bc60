import { NestFactory } from '@nestjs/core';
import { AppModule, run } from './health.js';

void NestFactory.create(AppModule, { logger: false }).then(run);
