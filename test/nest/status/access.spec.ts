import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Inject, Injectable, Module, Scope, UnauthorizedException } from '@nestjs/common';
import { of } from 'rxjs';
import type { HcpVaultStatusOptions } from 'nestjs-hcp-vault';
import { HcpVaultStatusModule, SecretNotFoundError } from 'nestjs-hcp-vault';
import { FRAMEWORKS, shownApp, TOKEN } from './apps.js';

interface Asked {
  readonly headers: Record<string, string | undefined>;
}

const requestOf = (context: ExecutionContext): Asked => context.switchToHttp().getRequest<Asked>();

@Injectable()
class Badges {
  readonly good = 'of the staff';
}

@Injectable()
class BadgeGuard implements CanActivate {
  constructor(@Inject(Badges) private readonly badges: Badges) {}

  canActivate(context: ExecutionContext): boolean {
    return requestOf(context).headers['x-badge'] === this.badges.good;
  }
}

@Injectable({ scope: Scope.REQUEST })
class ScopedGuard extends BadgeGuard {}

@Module({ providers: [Badges], exports: [Badges] })
class BadgesModule {}

@Module({ providers: [Badges, BadgeGuard, ScopedGuard] })
class StaffModule {}

class PassportLike implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (requestOf(context).headers.authorization === 'Bearer canary-of-passport') return true;
    const response = context.switchToHttp().getResponse<Record<string, (...given: string[]) => void>>();
    (response['setHeader'] ?? response['header'])!.call(response, 'WWW-Authenticate', 'Basic realm="staff"');
    throw new UnauthorizedException('canary-text-of-the-guard');
  }
}

class Redirecting implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    context.switchToHttp().getResponse<{ redirect(to: string): void }>().redirect('/login');
    return false;
  }
}

const BADGE = { headers: { 'x-badge': 'of the staff', authorization: '' } };

describe.each(FRAMEWORKS)('who is let in to a status page on %s', (framework) => {
  const statuses = async (status: Partial<HcpVaultStatusOptions>, imports: unknown[] = []): Promise<number[]> => {
    const app = await shownApp({ framework, status, imports });
    const answers = await Promise.all([app.ask(undefined, BADGE), app.ask(), app.ask('/secrets-status/events')]);
    await app.app.close();
    return answers.map(({ status: of }) => of);
  };

  it.each([
    ['that the app provides', { guard: BadgeGuard }, [StaffModule]],
    ['that only the page uses, with its dependencies imported', { guard: BadgeGuard, imports: [BadgesModule] }, []],
    ['of a request’s scope', { guard: ScopedGuard }, [StaffModule]],
    ['as an instance', { guard: new BadgeGuard(new Badges()) }, []],
    ['of several', { guard: [BadgeGuard, { canActivate: () => of(true) }] }, [StaffModule]],
  ] as [string, Partial<HcpVaultStatusOptions>, unknown[]][])(
    'given a guard %s, when it is asked, then whom it lets in sees the data, and nobody else',
    async (_, status, imports) => expect(await statuses(status, imports)).toEqual([200, 403, 403]),
  );

  it('given one guard of several that refuses, when it is asked, then nobody is let in', async () => {
    const guard = [{ canActivate: () => true }, { canActivate: () => Promise.resolve(false) }];
    expect(await statuses({ guard })).toEqual([403, 403, 403]);
  });

  it('given a guard that answers with something like true, when it is asked, then nobody is let in', async () => {
    expect(await statuses({ guard: { canActivate: () => 1 as never } })).toEqual([403, 403, 403]);
  });

  it('given a guard that throws what Nest knows, when it is asked, then the status and what it says of logging in get out, and its text does not', async () => {
    const app = await shownApp({ framework, status: { guard: PassportLike } });
    const [data, page] = [await app.ask(), await app.ask(undefined, { headers: { accept: 'text/html' } })];
    const good = await app.ask(undefined, { headers: { authorization: 'Bearer canary-of-passport' } });
    await app.app.close();
    const texts = [await data.text(), await page.text()];
    expect([data.status, page.status, good.status]).toEqual([401, 401, 200]);
    expect(data.headers.get('www-authenticate')).toBe('Basic realm="staff"');
    expect(texts.join('')).not.toContain('canary');
    expect(texts[1]).toContain('"isIn":false');
  });

  it('given a guard that leads to a login, when the page is asked for, then the browser is led there', async () => {
    const app = await shownApp({ framework, status: { guard: Redirecting } });
    const answer = await app.ask(undefined, { headers: { accept: 'text/html' } });
    await app.app.close();
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/login']);
  });

  it('given a guard that fails, when it is asked twice, then nobody is let in, and the log has one line without its text', async () => {
    const failing: CanActivate = { canActivate: () => { throw new TypeError('canary-of-a-guard'); } }; // prettier-ignore
    const app = await shownApp({ framework, status: { guard: failing } });
    const answers = [await app.ask(), await app.ask()];
    await app.app.close();
    expect(answers.map(({ status }) => status)).toEqual([500, 500]);
    expect(app.logger.at('error')).toEqual([
      expect.stringMatching(/^The status page lets nobody in: its guard fails with TypeError\./),
    ]);
    expect(app.logger.text).not.toContain('canary');
  });

  it('given a guard whose failure is called otherwise at each request, when it is asked by many, then the log has a few lines', async () => {
    let asked = 0;
    const failing: CanActivate = { canActivate: () => { throw new SecretNotFoundError('no such user.', { secretName: `user-${(asked += 1)}` }); } }; // prettier-ignore
    const app = await shownApp({ framework, status: { guard: failing } });
    for (let turn = 0; turn < 60; turn += 1) await app.ask();
    await app.app.close();
    expect(asked).toBe(60);
    expect(app.logger.at('error')).toHaveLength(20);
  });

  it('given `open: true`, when the app starts, then everybody is let in, and the log warns of it', async () => {
    const app = await shownApp({ framework, status: { open: true } });
    const { status } = await fetch(`${app.origin}/secrets-status`);
    await app.app.close();
    expect(status).toBe(200);
    expect(app.logger.at('warn')).toEqual([
      'The status page at /secrets-status is open: whoever reaches it sees names of secrets and of classes.',
    ]);
  });

  it('given two pages of one path, when the app starts, then it fails, and names the path', async () => {
    const pages = [1, 2].map(() => HcpVaultStatusModule.register({ token: TOKEN, path: '/ops/secrets/' }));
    await expect(shownApp({ framework, pages })).rejects.toThrow('two status pages have the path "/ops/secrets"');
  });

  it('given two pages of two paths, when both are asked for, then each has its own token', async () => {
    const pages = [
      HcpVaultStatusModule.register({ token: TOKEN, path: 'a' }),
      HcpVaultStatusModule.register({ token: 'canary-of-another-page', path: 'b' }),
    ];
    const app = await shownApp({ framework, pages });
    const answers = [await app.ask('/a'), await app.ask('/b')];
    await app.app.close();
    expect(answers.map(({ status }) => status)).toEqual([200, 401]);
  });
});

describe('a status page that could let in whom nobody meant', () => {
  const register = (options: object): unknown => HcpVaultStatusModule.register(options as HcpVaultStatusOptions);
  const before = process.env['NODE_ENV'];
  afterEach(() => {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  });

  it.each(['production', 'development', 'test', ''])(
    'given NODE_ENV "%s" and nothing that says who is let in, when it is registered, then it is refused',
    (env) => {
      process.env['NODE_ENV'] = env;
      expect(() => register({})).toThrow(/lets nobody in\. Give one of them: `guard`.*`token`.*`open: true`/);
    },
  );

  it.each([
    [{ token: TOKEN, open: true }, 'takes one of its options "token" and "open"'],
    [{ token: TOKEN, guard: BadgeGuard }, 'takes one of its options "guard" and "token"'],
    [{ open: false }, 'option "open" of HcpVaultStatusModule.register is true, or not there'],
    [{ token: 'canary-too-short'.slice(0, 15) }, 'at least 16 characters'],
    [{ token: '' }, 'at least 16 characters'],
    [{ token: `${TOKEN} ${TOKEN}` }, 'without spaces'],
    [{ token: 'ü'.repeat(32) }, 'ASCII'],
    [{ token: 1234567890123456 }, 'is text of at least'],
    [{ guard: class {} }, 'the class or an instance of a Nest guard'],
    [{ guard: [] }, 'the class or an instance of a Nest guard'],
    [{ guard: 'AuthGuard' }, 'the class or an instance of a Nest guard'],
    [{ open: true, actions: true }, 'option "actions" of HcpVaultStatusModule.register needs a guard or a token'],
    [{ token: TOKEN, path: '' }, 'option "path"'],
    [{ token: TOKEN, path: '../up' }, 'option "path"'],
    [{ token: TOKEN, path: 'a/:id' }, 'option "path"'],
    [{ token: TOKEN, path: 'a b' }, 'option "path"'],
    [{ token: TOKEN, action: true }, 'Did you mean "actions"?'],
    [{ token: TOKEN, useFactory: () => ({}) }, 'A factory goes into registerAsync.'],
  ])('given %j, when it is registered, then it is refused by name, and no token is shown', (options, said) => {
    const refused = (): unknown => register(options);
    expect(refused).toThrow(said);
    expect(refused).not.toThrow(/canary/);
  });
});
