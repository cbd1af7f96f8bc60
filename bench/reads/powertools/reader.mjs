// AWS Powertools' parameters, whose cache is read here; the client never reaches AWS.

/** Reads a secret as an app would, from a cache that holds it; undefined where the packages are not installed. */
export async function powertoolsReader(values) {
  let packages;
  try {
    packages = await Promise.all([
      import('@aws-lambda-powertools/parameters/secrets'),
      import('@aws-sdk/client-secrets-manager'),
    ]);
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND') return undefined;
    throw error;
  }
  const [{ SecretsProvider }, { SecretsManagerClient }] = packages;
  const client = new SecretsManagerClient({ region: 'eu-central-1' });
  client.send = async ({ input }) => ({ SecretString: values[input.SecretId] });
  const provider = new SecretsProvider({ awsSdkV3Client: client });
  const options = { maxAge: 3600 };
  for (const name of Object.keys(values)) await provider.get(name, options);
  client.send = () => Promise.reject(new Error('The cache was to answer.'));
  return (name) => provider.get(name, options);
}
