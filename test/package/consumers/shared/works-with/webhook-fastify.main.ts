import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule, run } from './webhook.js';

void NestFactory.create(AppModule, new FastifyAdapter(), { logger: false, rawBody: true }).then(run);
