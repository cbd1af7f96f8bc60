import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { InjectSecretRef, type SecretRef } from 'nestjs-hcp-vault';

/** Digests are of one length, which timingSafeEqual needs, and tell nothing of the length of the key. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(@InjectSecretRef('API_KEY', { overlap: '24h' }) private readonly key: SecretRef<string>) {}

  canActivate(context: ExecutionContext): boolean {
    const given = context.switchToHttp().getRequest<IncomingMessage>().headers['x-api-key'];
    return typeof given === 'string' && this.key.accepted.some((key) => timingSafeEqual(digest(key), digest(given)));
  }
}
