import { SecretConfigurationError } from '../errors/index.js';
import type { Audit } from '../observe/audit.js';
import type { SecretRuntime } from './secret-runtime.js';

/** Throws SecretConfigurationError where it is off: a stream that stays silent would look as if nobody were given anything. */
export function auditOf({ audit, connection }: SecretRuntime): Audit {
  if (audit) return audit;
  throw new SecretConfigurationError('client.audit$ tells of nothing, as the option "audit" is off.', {
    connection,
    advice: 'Give `audit: true` to HcpVaultModule.forRoot, or what forRootAsync makes.',
  });
}
