import { textOf } from '../bounded-file.js';
import type { Finding } from './finding.js';
import { fail, warn } from './finding.js';

/** What the environment says that concerns every request, whatever the source. */
export async function environmentFindings(environment: NodeJS.ProcessEnv): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  if (environment['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    findings.push(
      warn(
        'environment',
        'NODE_TLS_REJECT_UNAUTHORIZED=0 turns off the check of certificates: anybody on the way may read secrets.',
        'Take it away, and name your own CA in NODE_EXTRA_CA_CERTS.',
      ),
    );
  }
  const extra = environment['NODE_EXTRA_CA_CERTS'];
  if (extra) {
    const text = await textOf(extra).catch(() => undefined);
    if (!text?.includes('-----BEGIN CERTIFICATE-----')) {
      const says = `NODE_EXTRA_CA_CERTS names a file that ${text === undefined ? "can't be read" : 'holds no certificate in PEM'}: Node goes on without it.`; // prettier-ignore
      findings.push(fail('environment', says, 'Correct the path, or the file.'));
    }
  }
  return findings;
}
