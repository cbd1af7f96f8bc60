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

function rejects<O extends object>(client: string, kinds: OptionKinds<O>, names: Names): RejectsOf<O> {
  const options = Object.keys(kinds);
  const areOptions = (given: unknown): given is O =>
    typeof given === 'object' &&
    given !== null &&
    !(given instanceof Error) &&
    Object.keys(given).length > 0 &&
    Object.keys(given).every((key) => options.includes(key));
  return ((given: unknown) => {
    if (!areOptions(given)) return isNamed(given, names, false);
    const isWide = Object.values(ownOptions(given, kinds, `rejectsOf.${client}`)).includes(true);
    return (error: unknown) => isNamed(error, names, isWide);
  }) as RejectsOf<O>;
}

const among = (value: unknown, ...listed: readonly unknown[]): boolean => listed.includes(value);

/** PostgreSQL's codes are in SQLSTATE; `routine` is where in its source the error was raised. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const pg: Names = (error, isIdempotent) => {
  const [code, routine] = [property(error, 'code') ?? property(error, 'originalCode'), property(error, 'routine')];
  // invalid_password, and invalid_authorization_specification: a role that may not log in. P1000 is Prisma's.
  if (among(code, '28P01', '28000', 'P1000')) return true;
  // insufficient_privilege: of a login it is one for the database. Elsewhere it is as likely a GRANT that was forgotten.
  if (code === '42501') return routine === 'CheckMyDatabase';
  if (!isIdempotent) return false;
  // undefined_object: of the session's own role where that was dropped. A type that is not there has the same code.
  if (code === '42704') return among(routine, undefined, 'GetUserNameFromId', 'shdepLockAndCheckObject');
  return code === '57P01'; // admin_shutdown: what pg_terminate_backend says
};

export const rejectsOf = { pg: rejects('pg', REJECTS_OPTIONS, pg) };
