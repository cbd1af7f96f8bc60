import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { AppModule, run } from './http.js';

void NestFactory.create(AppModule, new ExpressAdapter(), { logger: false }).then(run);
