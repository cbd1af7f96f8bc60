declare const mark: unique symbol;

/** A secret's name that the declared types say nothing of. */
export type UntypedName = string & { readonly [mark]: 'untyped' };

/**
 * A name for calls and decorators where `SecretTypes` does not have it, or it is known only at run time: `client.get<string>(untyped(name))`.
 * At run time it is the name.
 */
export const untyped = (name: string): UntypedName => name as UntypedName;
