import 'reflect-metadata';
import { Controller, Get, Injectable, Module, Req, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { JwtModule, JwtService } from '@nestjs/jwt';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import { getSecretRefToken, getSecretToken, InjectSecret } from 'nestjs-hcp-vault';
import type { SecretRef } from 'nestjs-hcp-vault';
import { Strategy } from 'passport-http-bearer';
import { Secrets, show } from './secrets.js';

@Injectable()
class Bearer extends PassportStrategy(Strategy) {
  @InjectSecret('KEY') readonly key!: string;
  constructor(private readonly jwt: JwtService) {
    super();
  }

  validate(token: string): unknown {
    try {
      return { ...this.jwt.verify<{ sub: string }>(token), key: this.key };
    } catch {
      return null;
    }
  }
}

@Controller()
class Home {
  @Get()
  @UseGuards(AuthGuard('bearer'))
  home(@Req() { user }: { user: { sub: string; key: string } }): unknown {
    return [user.sub, user.key];
  }
}

@Module({
  imports: [
    Secrets,
    PassportModule,
    JwtModule.registerAsync({
      inject: [getSecretRefToken('KEY'), getSecretToken('KEY')],
      useFactory: (ref: SecretRef<string>, atStart: string) => ({
        signOptions: { issuer: atStart },
        secretOrKeyProvider: () => ref.value,
      }),
    }),
  ],
  controllers: [Home],
  providers: [Bearer],
})
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  const jwt = app.get(JwtService);
  const first = jwt.sign({ sub: 'a' });
  const ask = async (token: string) => {
    const answer = await fetch(await app.getUrl(), { headers: { authorization: `Bearer ${token}` } });
    return answer.ok ? ((await answer.json()) as unknown) : answer.status;
  };
  await show(app, async () => [await ask(jwt.sign({ sub: 'b' })), await ask(first)]);
}
void main();
