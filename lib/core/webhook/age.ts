/** Milliseconds that a call may be old, or ahead of our clock. */
export const WINDOW = 300_000;

export const isRecent = (sentAt: number, now: number): boolean => Math.abs(now - sentAt) <= WINDOW;
