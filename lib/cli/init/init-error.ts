/** Why nothing was written. */
export class InitError extends Error {}
