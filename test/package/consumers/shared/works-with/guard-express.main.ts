import { NestFactory } from '@nestjs/core';
import { AppModule, run } from './guard.js';

void NestFactory.create(AppModule, { logger: false }).then(run);
