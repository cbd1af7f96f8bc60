import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { AppModule, run } from './health.js';

void NestFactory.create(AppModule, new FastifyAdapter(), { logger: false }).then(run);
