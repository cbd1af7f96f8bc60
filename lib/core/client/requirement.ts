/**
 * Who is given a secret. `class`: one with the member that it goes into. `handler`: a method with `@OnSecretRotated`. `provider`: one with an `inject`
 * list. `resource`: what `rotatingProvider` makes. `config`: ConfigService, in a namespace. `ref`: who called `client.ref`. `required`: the option of the module.
 */
export interface SecretConsumer {
  readonly kind: 'class' | 'handler' | 'provider' | 'resource' | 'config' | 'ref' | 'required';
  /** Of the class, the provider's token, the namespace, the call or the option. */
  readonly name: string;
  /** Of a class: `constructor`, or the name of a property or method. */
  readonly member?: string | undefined;
}

/** Equal for one place of an app. */
export const consumerKey = ({
  kind,
  name,
  member,
}: Readonly<Record<'kind' | 'name', string>> & { member?: string | undefined }): string =>
  JSON.stringify([kind, name, member]);

/** What a consumer, or an option, asks of the first load. */
export interface Requirement {
  readonly name: string;
  readonly version?: string | undefined;
  readonly field?: string | undefined;
  /** `required`: fails the bootstrap where it is missing. `optional`: "not found" is fine. `preload`: read ahead, and nothing more. */
  readonly need: 'required' | 'optional' | 'preload';
  /** Milliseconds for which replaced values are kept. */
  readonly overlap?: number | undefined;
  readonly consumer?: SecretConsumer | undefined;
}
