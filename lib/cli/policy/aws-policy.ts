import type { NeededSecret } from './needed-secret.js';
import type { PolicyWishes, PrintedPolicy } from './policy-wishes.js';

export interface AwsScope {
  /** @default as the status tells, else any */
  readonly region?: string | undefined;
  /** Of twelve digits. @default any */
  readonly account?: string | undefined;
  /** E.g. `aws-cn`. @default 'aws' */
  readonly partition?: string | undefined;
  /** ARNs of KMS keys of one's own. */
  readonly keys?: readonly string[] | undefined;
}

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[] | '*';
}

const SECRETS = 'aws-secrets-manager';
const PARAMETERS = 'aws-parameter-store';

/** The least IAM policy for these secrets and parameters. */
export function awsPolicy(needed: readonly NeededSecret[], wishes: PolicyWishes, scope: AwsScope = {}): PrintedPolicy {
  const { keys = [] } = scope;
  const places = needed.flatMap((secret) => secret.places);
  const secrets = arnsOf(places, SECRETS, scope);
  const parameters = arnsOf(places, PARAMETERS, scope);
  const statements: Statement[] = [];
  const allow = (Sid: string, Action: readonly string[], Resource: readonly string[] | '*'): void => {
    if (Resource.length > 0) statements.push({ Sid, Effect: 'Allow', Action, Resource });
  };
  const { list, write } = wishes;
  allow('ReadSecrets', ['secretsmanager:GetSecretValue', ...(write ? ['secretsmanager:PutSecretValue'] : [])], secrets);
  // It names no secret, and gives no value that GetSecretValue does not.
  if (secrets.length > 1) allow('ReadSecretsInBatches', ['secretsmanager:BatchGetSecretValue'], '*');
  if (secrets.length > 0 && list) allow('ListSecrets', ['secretsmanager:ListSecrets'], '*');
  allow('ReadParameters', ['ssm:GetParameters', 'ssm:GetParameter', ...(write ? ['ssm:PutParameter'] : [])], parameters); // prettier-ignore
  if (parameters.length > 0 && (list || write)) allow('DescribeParameters', ['ssm:DescribeParameters'], '*');
  allow('UseKeys', ['kms:Decrypt', ...(write ? ['kms:GenerateDataKey', 'kms:Encrypt'] : [])], keys);
  const notes = [
    ...(keys.length === 0 ? ['A KMS key of your own needs kms:Decrypt too: give its ARN by --kms-key.'] : []),
    ...(secrets.some((arn) => arn.endsWith('-??????')) ? ['AWS puts six characters behind the name of each secret: "-??????" stands for them.'] : []), // prettier-ignore
  ];
  const text = `${JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 2)}\n`;
  return { text, notes };
}

function arnsOf(places: NeededSecret['places'], kind: string, scope: AwsScope): readonly string[] {
  const arns = places.filter(({ source }) => source === kind).map(({ name, at }) => arnOf(name, at, kind, scope));
  return [...new Set(arns)].sort();
}

/** @param at a region, as far as the source knew it. */
function arnOf(name: string, at: string | undefined, kind: string, scope: AwsScope): string {
  const full = name.replace(/, field ".*"$/s, '');
  const { partition = 'aws', account = '*' } = scope;
  const region = scope.region ?? /^([a-z]{2}(?:-[a-z]+)+-\d)(?:,|$)/.exec(at ?? '')?.[1] ?? '*';
  const literal = literalIn(full);
  if (full.startsWith('arn:')) return literal;
  if (kind === SECRETS) return `arn:${partition}:secretsmanager:${region}:${account}:secret:${literal}-??????`;
  return `arn:${partition}:ssm:${region}:${account}:parameter/${literal.replace(/^\//, '')}`;
}

/** In a resource a star, a question mark and a dollar stand for others. */
const literalIn = (name: string): string => name.replace(/[*?$]/g, (character) => `\${${character}}`);
