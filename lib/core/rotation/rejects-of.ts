import { property } from '../errors/foreign-cause.js';
import type { OptionKinds } from '../options/option-kinds.js';
import { ownOptions } from '../options/own-options.js';

export interface RejectsOptions {
  /**
   * Names also what a session that was open meets when its login is taken away. By then something may have been done, so work must be safe to do twice.
   * @default false
   */
  readonly idempotent?: boolean | undefined;
}

export interface HttpRejectsOptions {
  /** Names 403 too, which many APIs answer for a key that was revoked, and many others for what a good key may not do. @default false */
  readonly forbidden?: boolean | undefined;
}

export const REJECTS_OPTIONS: OptionKinds<RejectsOptions> = { idempotent: 'boolean' };
export const HTTP_REJECTS_OPTIONS: OptionKinds<HttpRejectsOptions> = { forbidden: 'boolean' };

/** For `rejects`: as it stands, or called with options, which gives another. Of anything that was thrown; never throws. */
export interface RejectsOf<O> {
  (options: Required<O>): (error: unknown) => boolean;
  (error: unknown): boolean;
}

/** Whether one error in the chain of causes is a refusal. `isWide`: the option is on. */
type Names = (error: unknown, isWide: boolean) => boolean;

/** Where clients and ORMs keep the error of the driver: `cause` (Drizzle, MikroORM, Prisma), `driverError` (TypeORM), `original` (Sequelize), `reason` (mongoose). */
const INNER = ['cause', 'driverError', 'original', 'reason', 'meta', 'driverAdapterError', 'lastNodeError'] as const;
const DEPTH = 6;

function isNamed(error: unknown, names: Names, isWide: boolean, depth = DEPTH): boolean {
  if (typeof error !== 'object' || error === null || depth === 0) return false;
  return names(error, isWide) || INNER.some((key) => isNamed(property(error, key), names, isWide, depth - 1));
}

/** What is thrown is an Error, or at least no plain object of switches: those are options, be they misspelt. */
function areOptions<O>(given: unknown, kinds: OptionKinds<O>): given is O {
  if (typeof given !== 'object' || given === null) return false;
  const prototype: unknown = Object.getPrototypeOf(given);
  if (prototype !== Object.prototype && prototype !== null) return false;
  const entries = Object.entries(given);
  const areSwitches =
    entries.length > 0 && entries.every(([, value]) => value === undefined || typeof value === 'boolean');
  return areSwitches || entries.some(([name]) => Object.hasOwn(kinds, name));
}

function rejects<O extends object>(client: string, kinds: OptionKinds<O>, names: Names): RejectsOf<O> {
  return ((given: unknown) => {
    if (!areOptions(given, kinds)) return isNamed(given, names, false);
    const isWide = Object.values(ownOptions(given, kinds, `rejectsOf.${client}`)).includes(true);
    return (error: unknown) => isNamed(error, names, isWide);
  }) as RejectsOf<O>;
}

const among = (value: unknown, ...listed: readonly unknown[]): boolean => listed.includes(value);

/** SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html. `routine`: where in PostgreSQL's source it was raised. */
const pg: Names = (error, isIdempotent) => {
  const [code, routine] = [property(error, 'code') ?? property(error, 'originalCode'), property(error, 'routine')];
  // invalid_password, and invalid_authorization_specification: a role that may not log in. P1000 is Prisma's for both.
  if (among(code, '28P01', '28000', 'P1000')) return true;
  // insufficient_privilege: at login it is one for the database. Elsewhere it may as well be a GRANT that was forgotten.
  if (code === '42501') return routine === 'CheckMyDatabase';
  if (!isIdempotent) return false;
  // undefined_object: the session's own role, where that was dropped. A type that is not there has the same code.
  if (code === '42704') return among(routine, undefined, 'GetUserNameFromId', 'shdepLockAndCheckObject');
  // admin_shutdown: what pg_terminate_backend says. Who hears only of the socket's end has it in pg's words, or in TypeORM's, whose connection is gone.
  const isCut = property(error, 'message') === 'Connection terminated unexpectedly';
  return code === '57P01' || isCut || property(error, 'name') === 'QueryRunnerAlreadyReleasedError';
};

/**
 * By number: mysql2 knows MySQL's names only. A password, the database (a user whose grants were revoked), no password, an expired one at login and
 * after it, an account that is locked: MySQL's, and MariaDB's. https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html,
 * https://mariadb.com/docs/server/reference/error-codes. A session lives on when its user is locked or dropped.
 */
const mysql: Names = (error) => among(property(error, 'errno'), 1045, 1044, 1698, 1862, 1820, 3118, 4151);

/**
 * By the first word, which is all that clients have. NOAUTH: the session has not logged in, and no command of it is done.
 * https://redis.io/docs/latest/develop/reference/errors/common/
 */
const redis: Names = (error, isIdempotent) => {
  const [word] = String(property(error, 'message')).split(' ', 1);
  return among(word, 'WRONGPASS', 'NOAUTH') || (isIdempotent && word === 'NOPERM');
};

/** AuthenticationFailed; Unauthorized; AtlasError, of which only some are about logins. https://www.mongodb.com/docs/manual/reference/error-codes/ */
const mongo: Names = (error, isIdempotent) => {
  const [code, message] = [property(error, 'code'), String(property(error, 'message'))];
  if (code === 13) return isIdempotent || message.includes('requires authentication');
  return code === 18 || (code === 8000 && /bad auth|authentication failed/i.test(message));
};

/** `status` of fetch's wrappers and axios, `statusCode` of undici, got and request; both on `response` too. */
const http: Names = (error, isForbidden) => {
  const statuses = [error, property(error, 'response')].flatMap((of) => [
    property(of, 'status'),
    property(of, 'statusCode'),
  ]);
  return statuses.includes(401) || (isForbidden && statuses.includes(403));
};

/**
 * For `rejects`, by client: the errors by which a server refuses a login, so that nothing was done yet. With `{ idempotent: true }` also those by which it
 * ends what a session was doing. Work is repeated whole after either. Errors within errors count, such as `cause` and TypeORM's `driverError`.
 */
export const rejectsOf = {
  /** pg, and what is built on it (TypeORM, MikroORM, Prisma with @prisma/adapter-pg): 28P01, 28000; a database that the role may not connect to. */
  pg: rejects('pg', REJECTS_OPTIONS, pg),
  /** mysql2 and mariadb, and what is built on them: 1045, 1044, 1698, 1862, 1820, and accounts that are locked (3118, MariaDB's 4151). */
  mysql: (error: unknown): boolean => isNamed(error, mysql, false),
  /** ioredis and redis: WRONGPASS, NOAUTH; NOPERM with `idempotent`. */
  redis: rejects('redis', REJECTS_OPTIONS, redis),
  /** mongodb and mongoose: 18, 13 of a session that has not logged in, Atlas' 8000 of a bad login; any 13 with `idempotent`. */
  mongo: rejects('mongo', REJECTS_OPTIONS, mongo),
  /** Clients whose errors tell a status: 401, and 403 with `{ forbidden: true }`. */
  http: rejects('http', HTTP_REJECTS_OPTIONS, http),
};
