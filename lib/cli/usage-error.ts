/** What the caller of the command got wrong. Its text never quotes the contents of a seed. */
export class UsageError extends Error {}
