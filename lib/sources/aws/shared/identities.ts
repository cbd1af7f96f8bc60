import { isArn } from './names.js';

/** A secret of Secrets Manager; six random characters end its full ARN, and a name may end in a dash and six characters too. */
const RANDOM = /-[A-Za-z0-9]{6}$/;
/** How many secrets are remembered; the longest known are forgotten first. */
const MOST = 10_000;

/**
 * Which names and ARNs are one secret, as far as AWS's answers said so. Nothing is worked out from the looks of an ARN: another account's or region's has
 * the same name in it, and one that lacks its random characters may look like the full one of another secret.
 */
export class Identities {
  /** ARNs by full names, from answers to these names; and the other way round. */
  readonly #arns = new Map<string, string>();
  readonly #names = new Map<string, string>();

  /** An answer to a name that is not an ARN, which is therefore our own account's and region's. */
  learn(name: string, arn: string | undefined): void {
    if (!arn || isArn(name)) return;
    const before = this.#arns.get(name);
    if (before === arn) return;
    if (before !== undefined) this.#names.delete(before);
    this.#arns.set(name, arn);
    this.#names.set(arn, name);
    if (this.#arns.size <= MOST) return;
    const [oldest] = this.#arns;
    this.#arns.delete(oldest![0]);
    this.#names.delete(oldest![1]);
  }

  /** The full name of an ARN; undefined where no answer has told it. */
  nameOf(arn: string): string | undefined {
    return this.#names.get(arn);
  }

  /** The same for one without its random characters, where it can be nothing else. */
  nameOfPartial(arn: string): string | undefined {
    if (RANDOM.test(arn)) return undefined;
    const name = arn.replace(/^(?:[^:]*:){6}/, '');
    const full = this.#arns.get(name);
    return full !== undefined && withoutRandom(full) === arn ? name : undefined;
  }
}

/** The ARN without AWS's own characters: another spelling by which a secret may be asked for. */
export const withoutRandom = (arn: string): string => arn.replace(RANDOM, '');

/** The names that an announced ARN may stand for at its own account and region: a reading too many does no harm. */
export function namesIn(arn: string): readonly string[] {
  const [, secret] = /^arn:[\w-]+:secretsmanager:[\w-]*:\d*:secret:(.+)$/.exec(arn) ?? [];
  if (secret !== undefined) return [...new Set([withoutRandom(secret), secret])];
  // `parameter/app/db` is `/app/db`; `parameter/KEY` is `KEY`.
  const [, parameter] = /^arn:[\w-]+:ssm:[\w-]*:\d*:parameter\/(.+)$/.exec(arn) ?? [];
  return parameter === undefined ? [] : [parameter.includes('/') ? `/${parameter}` : parameter];
}
