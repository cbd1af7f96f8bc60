import type { OptionKinds } from '../../../core/options/option-kinds.js';

export interface AwsLocalAgentOptions {
  /** Where it listens on this machine. @default PARAMETERS_SECRETS_EXTENSION_HTTP_PORT, else 2773 */
  readonly port?: number | undefined;
  /** The file that holds the agent's token; read again at each reading. @default the variable that holds one, or the path of one as `file://…`: AWS_TOKEN, AWS_SESSION_TOKEN, AWS_CONTAINER_AUTHORIZATION_TOKEN; else /var/run/awssmatoken */
  readonly tokenFile?: string | undefined;
  /** What is read: secrets of Secrets Manager, or parameters, which only Lambda's extension has. @default 'secrets-manager' */
  readonly store?: 'secrets-manager' | 'parameter-store' | undefined;
  /**
   * Has the agent ask AWS at each reading, in place of what it keeps (for 300 s unless it is told otherwise). Of the Secrets Manager Agent's; with
   * `store: 'parameter-store'` it is refused. @default false
   */
  readonly refreshNow?: boolean | undefined;
}

export const LOCAL_AGENT_OPTIONS: OptionKinds<AwsLocalAgentOptions> = {
  port: 'number',
  tokenFile: 'text',
  store: ['secrets-manager', 'parameter-store'],
  refreshNow: 'boolean',
};
