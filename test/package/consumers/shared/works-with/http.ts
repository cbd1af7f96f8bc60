import 'reflect-metadata';
import { Controller, Get, Injectable, Module, Query, Scope, UseGuards } from '@nestjs/common';
import type { CanActivate, ExecutionContext, INestApplication } from '@nestjs/common';
import { InjectSecret, WithSecrets } from 'nestjs-hcp-vault';
import { Secrets, show } from './secrets.js';

@Injectable()
class KeyGuard implements CanActivate {
  @InjectSecret('KEY') readonly key!: string;
  canActivate(context: ExecutionContext): boolean {
    context.switchToHttp().getRequest<{ guarded?: string }>().guarded = this.key;
    return true;
  }
}

@Injectable({ scope: Scope.REQUEST })
class OfRequest {
  constructor(@InjectSecret('KEY') readonly key: string) {}
}

@Controller()
@UseGuards(KeyGuard)
class Keys {
  constructor(private readonly ofRequest: OfRequest) {}

  @Get()
  @WithSecrets()
  read(@Query('key') query: string, @InjectSecret('KEY') key?: string): unknown {
    return [query, key, this.ofRequest.key];
  }
}

@Module({ imports: [Secrets], controllers: [Keys], providers: [OfRequest] })
export class AppModule {}

export async function run(app: INestApplication): Promise<void> {
  await app.listen(0, '127.0.0.1');
  await show(app, async () => (await fetch(`${await app.getUrl()}/?key=theirs`)).json());
}
