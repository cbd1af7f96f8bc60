/** Who asks for a secret: a class with the member that it goes into, a provider with an `inject` list, or an option of the module. */
export interface SecretConsumer {
  readonly kind: 'class' | 'provider' | 'option';
  /** Of the class, the provider's token, or the option. */
  readonly name: string;
  /** `constructor`, or the name of a property or method. */
  readonly member?: string | undefined;
}

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
