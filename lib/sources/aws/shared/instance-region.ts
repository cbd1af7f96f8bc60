import { loadUndici } from '../../http/index.js';

/** Milliseconds for an answer: off EC2 nobody answers, and the start must not wait long for it. */
const PATIENCE = 1_000;

/**
 * The region of the EC2 instance that this runs on, by IMDSv2 (a token first); undefined where there is no such service.
 * Rejects with SecretConfigurationError where what speaks HTTP can't be loaded.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 */
export async function instanceRegion(sourceKind: string): Promise<string | undefined> {
  const { AWS_EC2_METADATA_DISABLED, AWS_EC2_METADATA_SERVICE_ENDPOINT, AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE } =
    process.env;
  if (AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') return undefined;
  const usual =
    AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE?.toLowerCase() === 'ipv6'
      ? 'http://[fd00:ec2::254]'
      : 'http://169.254.169.254';
  const base = (AWS_EC2_METADATA_SERVICE_ENDPOINT || usual).replace(/\/+$/, '');
  const { Agent, request } = await loadUndici(sourceKind);
  // An agent of its own: link-local addresses must not go through a proxy, and no socket stays.
  const dispatcher = new Agent({ connect: { timeout: PATIENCE } });
  const ask = async (method: 'GET' | 'PUT', path: string, headers: Record<string, string>): Promise<string> => {
    const signal = AbortSignal.timeout(PATIENCE);
    const { statusCode, body } = await request(`${base}${path}`, { method, headers, dispatcher, signal });
    const text = await body.text();
    if (statusCode !== 200) throw new Error('no answer of the metadata service');
    return text.trim();
  };
  try {
    const token = await ask('PUT', '/latest/api/token', { 'x-aws-ec2-metadata-token-ttl-seconds': '60' });
    const region = await ask('GET', '/latest/meta-data/placement/region', { 'x-aws-ec2-metadata-token': token });
    return /^[a-z]{2,}(?:-[a-z]+)+-\d+$/.test(region) ? region : undefined;
  } catch {
    return undefined; // not on EC2, or the service is off
  } finally {
    await dispatcher.destroy();
  }
}
