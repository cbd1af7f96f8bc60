import { registerSecrets } from 'nestjs-hcp-vault';

/** Shows the secrets under `secrets` in ConfigService: an entry for `load` of ConfigModule. */
export const secretsConfig = registerSecrets('secrets');
