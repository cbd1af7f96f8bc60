/** What the caller of the command got wrong. Its text quotes nothing that may be a value: no argument's text, no contents of a file. */
export class UsageError extends Error {}
