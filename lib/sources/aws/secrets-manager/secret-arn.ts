/** `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-Ab12Cd`; the six characters at the end are AWS's, where they are there. */
const ARN = /^arn:[\w-]+:secretsmanager:([\w-]*):(\d*):secret:(.+)$/;
const SUFFIX = /-[A-Za-z0-9]{6}$/;

export interface SecretArn {
  readonly region: string;
  readonly account: string;
  readonly name: string;
}

/** The parts of a secret's ARN; undefined for what is none. */
export function parseSecretArn(text: string): SecretArn | undefined {
  const [, region = '', account = '', rest] = ARN.exec(text) ?? [];
  return rest === undefined ? undefined : { region, account, name: rest.replace(SUFFIX, '') };
}

/** The ARN without AWS's own characters: another spelling by which a secret may be asked for. */
export const withoutSuffix = (arn: string): string => arn.replace(SUFFIX, '');
