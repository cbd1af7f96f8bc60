/**
 * The names and types of an app’s secrets, where it wants them checked:
 * `declare module 'nestjs-hcp-vault' { interface SecretTypes { DB: DbCredentials } }`.
 * Empty, any name goes.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- users fill it by declaration merging, which only an interface allows
export interface SecretTypes {}
