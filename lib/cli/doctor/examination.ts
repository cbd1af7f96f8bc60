import { isSecretError, SecretNotFoundError, SecretSourceUnavailableError } from '../../core/errors/index.js';
import type { SecretError } from '../../core/errors/index.js';
import { placesOf } from '../../core/source/places.js';
import type { SecretSource } from '../../core/source/secret-source.js';
import { AskedSource } from '../contents/asked-source.js';
import { heldUnder } from '../contents/held-secrets.js';
import { openedSource } from '../source/opened-source.js';
import type { Surroundings } from '../surroundings.js';
import { UsageError } from '../usage-error.js';
import { environmentFindings } from './environment-findings.js';
import type { Circumstances } from './explained-error.js';
import { explained } from './explained-error.js';
import type { Finding } from './finding.js';
import { fail, ok, skipped, warn } from './finding.js';
import { networkFindings } from './network-findings.js';
import { serverFindings, statusPath } from './server-findings.js';

/** Whose reading may issue credentials: there a name is looked up as dynamic or not before it is read. */
const MAY_ISSUE = ['hcp-vault-secrets'];

/** Looks at all that a reading needs, one after the other, and tells each. Opens no dynamic secret. */
export async function examination(
  spec: string,
  names: readonly string[],
  around: Pick<Surroundings, 'environment'>,
): Promise<readonly Finding[]> {
  const findings = [...(await environmentFindings(around.environment))];
  let source: SecretSource;
  try {
    source = await openedSource(spec, around);
  } catch (error) {
    if (isSecretError(error)) return [...findings, explained(error, { kind: '' })];
    if (error instanceof UsageError) return [...findings, fail('settings', error.message, 'Correct the source; "help get" names what it takes.')]; // prettier-ignore
    throw error;
  }
  try {
    findings.push(ok('settings', `${source.kind}${addressOf(source)}.`));
    const network = await reached(source, findings);
    if (network) findings.push(...(await readings(source, names)));
    else findings.push(skipped('read', 'no request gets there.'));
    return findings;
  } finally {
    await source.close?.();
  }
}

function addressOf(source: SecretSource): string {
  const [place] = placesOf(source, '');
  return place?.at === undefined ? '' : ` at ${place.at}`;
}

/** False where no request gets there. */
async function reached(source: SecretSource, findings: Finding[]): Promise<boolean> {
  const origin = originOf(source);
  if (!origin) return true;
  const { findings: steps, isReachable, answer } = await networkFindings(origin, statusPath(source.kind), source.kind);
  findings.push(...steps, ...serverFindings(source.kind, answer));
  return isReachable;
}

/** Of the address that it tells; AWS's own where it tells a region. */
function originOf(source: SecretSource): URL | undefined {
  const at = placesOf(source, '')[0]?.at ?? '';
  const [address] = /https?:\/\/[^\s,"]+/.exec(at) ?? [];
  const [, region] = /^([a-z]{2}(?:-[a-z]+)+-\d)$/.exec(at) ?? [];
  const service = { 'aws-secrets-manager': 'secretsmanager', 'aws-parameter-store': 'ssm' }[source.kind];
  const own = region !== undefined && service !== undefined ? `https://${service}.${region}.amazonaws.com` : undefined;
  const text = address ?? own;
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
}

async function readings(source: SecretSource, names: readonly string[]): Promise<readonly Finding[]> {
  const call = AskedSource.of(source);
  const circumstances: Circumstances = { kind: source.kind, at: placesOf(source, '')[0]?.at };
  const findings: Finding[] = [];
  let listed: readonly string[] | undefined;
  if (source.list) {
    try {
      listed = await call.run('list', (context) => source.list!(undefined, context));
      findings.push(listed.length > 0 ? ok('list', `it lists ${listed.length} names.`) : warn('list', 'it holds nothing at all.', 'Check its prefix, path or document; is it the right environment?')); // prettier-ignore
    } catch (error) {
      const finding = explained(error as SecretError, circumstances);
      const isRight = finding.check === 'rights';
      if (isRight && names.length > 0) findings.push(skipped('list', 'listing is denied, which reading by name does not need.'));
      else findings.push(isRight ? { ...finding, outcome: 'warn', remedy: 'Reading by name may be allowed all the same: give one by --name.' } : finding); // prettier-ignore
      // What refuses us as a whole refuses a reading too.
      if (finding.check === 'credentials' || finding.check === 'TLS') return findings;
    }
  }
  for (const name of names) findings.push(await reading(call, name, { ...circumstances, name, names: listed }));
  return findings;
}

async function reading(call: AskedSource, name: string, circumstances: Circumstances): Promise<Finding> {
  const { source } = call;
  const began = performance.now();
  try {
    if (MAY_ISSUE.includes(source.kind)) {
      const held = (await heldUnder(call, [name])).get(name);
      if (held?.kind === 'dynamic') return ok('read', `"${name}" is there, and dynamic: it was not opened.`);
      if (held?.kind === 'failed') return explained(held.error, circumstances);
      if (!held) throw new SecretNotFoundError();
    } else {
      const found = (await call.run('read', (context) => source.read([name], context))).get(name);
      if (isSecretError(found)) return explained(found, circumstances);
      if (!found) throw new SecretNotFoundError();
    }
    return ok('read', `"${name}" was read in ${Math.round(performance.now() - began)} ms.`);
  } catch (error) {
    const known = isSecretError(error)
      ? error
      : new SecretSourceUnavailableError('the reading failed.', { cause: error });
    return explained(known, circumstances);
  }
}
