import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';

/** Lets in who asks from this machine, whatever HOST says: enough for a sample. Behind a proxy everybody does, so your app asks who it is. */
@Injectable()
export class LoopbackOnly implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { socket } = context.switchToHttp().getRequest<IncomingMessage>();
    return /^(?:::ffff:)?127\.|^::1$/.test(socket.remoteAddress ?? '');
  }
}
