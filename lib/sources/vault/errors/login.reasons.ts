/** Why Vault refuses a login, in words of our own, and what to do about it. */
export interface LoginReason {
  readonly why: string;
  readonly advice: string;
}

const ROLE = 'Check `role`, and that it was made at this mount.';
const ACCOUNT = "Check the pod's `serviceAccountName`, its namespace, and what the role at Vault is bound to.";
const CLOCK = 'Have a fresh one issued, and check the clocks of its issuer and of Vault.';
const CLAIMS = 'Check for whom the JWT is issued, and what the role at Vault is bound to.';
const ADDRESS =
  'Check from which address Vault sees this machine (a proxy changes it), and the CIDR blocks that are allowed.';

/**
 * By what Vault 1.21 and OpenBao 2.7 say (test/sources/vault-source/login-reasons.spec.ts asks both). Their texts are matched and never passed on, for they
 * quote roles and claims; the first that fits counts.
 */
const REASONS: readonly (readonly [RegExp, string, string])[] = [
  [/^source address .* unauthorized .*secret ID/s, "this machine's address is not allowed for the secret-id", ADDRESS],
  [/^source address .* unauthorized/s, "this machine's address is not allowed for the role", ADDRESS],
  [
    /^invalid role or secret ID|^invalid secret id|^invalid role ID/,
    'the role-id or the secret-id is unknown, used up or past its end',
    'Check `roleId` and `secretId`, and the mount; have another secret-id made where this one can be used no more.',
  ],
  [/^missing secret_id/, 'the role wants a secret-id', 'Give `secretId`.'],
  [
    /^wrapping token/,
    'the wrapping token is unknown, was used already, or is past its end',
    'Have another one made: a wrapping token can be used once. If you did not use it, somebody else did.',
  ],
  [/^invalid role name|^role .* could not be found|^entry for role .* not found/s, 'there is no such role', ROLE],
  [/^missing role/, 'it needs a role, as the mount has no default one', 'Give `role`.'],
  [/^service account name not authorized/, "the pod's service account is not allowed for the role", ACCOUNT],
  [/^namespace not authorized/, "the namespace of the pod's service account is not allowed for the role", ACCOUNT],
  [/token is expired|\(exp\) claim/, 'the JWT is past its end', CLOCK],
  [/not yet valid|\(nbf\) claim|issued in the future|\(iat\) claim/, 'the JWT is not valid yet', CLOCK],
  [/\(aud\) claim/, 'the JWT is for another audience than the role takes', CLAIMS],
  [/\(iss\) claim/, 'the JWT is of another issuer than the mount takes', CLAIMS],
  [/\(sub\) claim/, 'the JWT is of another subject than the role takes', CLAIMS],
  [/^error validating claims/, 'a claim of the JWT is missing, or is not what the role is bound to', CLAIMS],
  [
    /error verifying token signature/,
    'the JWT is not signed by whom the mount trusts',
    'Check the keys, or the discovery URL, in the configuration of the mount.',
  ],
  [
    /^invalid username or password/,
    'the name or the password is wrong',
    'Check `username` and `password`, and the mount.',
  ],
  [
    /^no client certificate|^tls connection required|^client certificate must be supplied/,
    'Vault got no client certificate',
    'Give `tls.cert` and `tls.key`; a proxy that ends TLS on the way must hand the certificate on.',
  ],
  [
    /^invalid certificate|^failed to match all constraints|^no certificate was matched/,
    'the client certificate is none that a role takes',
    'Check `tls.cert`, and the certificate and constraints of the role.',
  ],
  [
    /X-Vault-AWS-IAM-Server-ID/,
    'the signed request is for another Vault',
    'Check `serverId` against `iam_server_id_header_value` of the mount.',
  ],
  [
    /^IAM Principal .* does not belong to the role/s,
    'the IAM principal is not allowed for the role',
    'Check as whom this app runs at AWS, and `bound_iam_principal_arn` of the role.',
  ],
  [
    /received error code \d+ from STS/,
    'AWS does not take the signed request',
    "Check the AWS credentials, and the machine's clock.",
  ],
  [/^namespace not found/, 'there is no such namespace', 'Check `namespace` (VAULT_NAMESPACE).'],
  [
    /^no handler for route|^unsupported path|route entry not found/,
    'there is no such auth method at this mount',
    'Check `mount`, and that the method is enabled there.',
  ],
];

/** Where Vault says no more than "permission denied": what that means there. */
const BARE: Readonly<Record<string, LoginReason>> = {
  Kubernetes: {
    why: 'Vault says no more; Kubernetes may not know the token, or there is no such mount',
    advice: 'Check `mount`, the token file, and that Vault may ask Kubernetes for token reviews.',
  },
  userpass: {
    why: 'Vault says no more; the user may be locked after wrong passwords, or may not log in from here',
    advice: 'Check `mount`, wait for the end of the lockout, and look at `token_bound_cidrs` of the user.',
  },
  token: {
    why: 'the token is unknown, was revoked, or is past its end',
    advice: 'Give another token.',
  },
};

/** Of a wrapping token that something else made. */
export const FORGED: LoginReason = {
  why: 'the wrapping token was not made for a secret-id of this role, and is not unwrapped: somebody may have exchanged it on the way',
  advice:
    'Find out who could read or write it, have the secret-ids of the role revoked, and another wrapping token made.',
};

/** @param texts of Vault's. Undefined where they tell nothing that is known. */
export function loginReason(method: string, texts: readonly string[]): LoginReason | undefined {
  for (const [pattern, why, advice] of REASONS) {
    if (texts.some((text) => pattern.test(text))) return { why, advice };
  }
  const isBare =
    texts.length > 0 && texts.every((text) => /^[\s*]*(?:\d errors? occurred:[\s*]*)?permission denied/.test(text));
  return isBare ? BARE[method] : undefined;
}

/** What to check where nobody knows why. */
export const loginAdvice = (method: string): string =>
  method === 'AppRole'
    ? 'Check the credentials, the role and the mount; a wrapping token can be used once, and may have run out.'
    : 'Check the credentials, the role and the mount.';
