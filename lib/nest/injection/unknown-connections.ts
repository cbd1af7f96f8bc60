import { SecretConfigurationError } from '../../core/errors/index.js';
import { didYouMean, nearNames } from '../../core/options/near-names.js';
import type { AppSecrets } from './app-secrets.js';
import { providerFor } from './nest-container.js';
import { isOwnFactory } from './secret.providers.js';

/**
 * Refuses secrets of connections that the app does not have. Nest would not find their tokens, and say so without a word of connections; of a method or a
 * handler nobody would say anything.
 */
export function refuseUnknownConnections({ consumers, connections: known }: AppSecrets): void {
  const lost = consumers.filter(({ request, module, token }) => {
    if (known.has(request.connection)) return false;
    const provider = providerFor(module, token);
    return provider === undefined || isOwnFactory(provider.metatype);
  });
  const [first] = lost;
  if (!first) return;
  const { consumer, request } = first;
  const { connection, name } = request;
  const place = consumer.member ? `${consumer.name}.${consumer.member}` : consumer.name;
  const others = lost.length > 1 ? ` (and ${lost.length - 1} more like it)` : '';
  const near = didYouMean(nearNames(connection, known));
  throw new SecretConfigurationError(
    `${place} asks for the secret "${name}" of the connection "${connection}"${others}, which the app does not have.${near} It has ${[...known].map((one) => `"${one}"`).join(', ')}.`,
    {
      advice: `Import HcpVaultModule.forRoot({ connection: "${connection}", … }), or correct \`{ connection }\` there.`,
    },
  );
}
