/** Numbers in [0, 1) that are the same in each run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const ALPHABETS = [
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789',
  'abcXYZ019-_.~',
  'abcXYZ019!@#$%^&*()+=[]{}|;:\'",.<>/?\\` ~',
  'abc019%25%41\\n\\u0041&amp;+ "',
  'aéüßñ€日本語🎉"\\\n\t%&<',
].map((alphabet) => [...alphabet]);

/** Made-up secret values of all kinds of characters, each begun with `canary-` and its number. */
export function canaries(count: number, seed = 1): string[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, index) => {
    const alphabet = ALPHABETS[index % ALPHABETS.length]!;
    const length = 4 + Math.floor(random() * (index % 10 === 0 ? 150 : 40));
    const body = Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]!).join('');
    return `canary-${index.toString(36)}${body}Z`;
  });
}
