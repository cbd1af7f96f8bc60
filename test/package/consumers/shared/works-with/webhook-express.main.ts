import { NestFactory } from '@nestjs/core';
import { AppModule, run } from './webhook.js';

void NestFactory.create(AppModule, { logger: false, rawBody: true }).then(run);
