/* eslint-disable @typescript-eslint/no-empty-object-type -- users fill them by declaration merging, which only interfaces allow */

/**
 * The names and types of an app's secrets, where it wants them checked: those of the connection `default`.
 * `declare module 'nestjs-hcp-vault' { interface SecretTypes { DB: DbCredentials } }`. Empty, any name goes.
 */
export interface SecretTypes {}

/**
 * The same for other connections, by their names:
 * `declare module 'nestjs-hcp-vault' { interface ConnectionSecretTypes { reports: { KEY: string } } }`.
 * In a connection that is not declared any name goes.
 */
export interface ConnectionSecretTypes {}
