/** Options of the library, as its errors name them, that a source of the command line has under another form. */
const OF_THE_LIBRARY = /([`"])kv\.(\w{1,20})\1|`(optional|json|allowInsecure): true`/g;

/** The text of an error with options as they are typed in a source: `&optional` for `kv.optional`, `document=…` for `kv.document`. */
export const withTypedOptions = (text: string): string =>
  text.replace(OF_THE_LIBRARY, (_, _quote, ofKv?: string, flag?: string) =>
    flag !== undefined || ofKv === 'optional' ? `\`&${flag ?? ofKv}\`` : `\`${ofKv}=…\``,
  );
