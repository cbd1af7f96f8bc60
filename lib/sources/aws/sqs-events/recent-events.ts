import type { AwsEvent } from '../shared/aws-events.js';

/** How many events, and how many subjects, are remembered; the oldest are forgotten first. */
const MOST = 1_000;

/** Milliseconds that a sender's clock may be ahead of ours. */
const AHEAD = 5 * 60_000;

/** Which events have been heard of late: a copy is no news, and neither is an older one of what a newer one has told. */
export class RecentEvents {
  readonly #ids = new Set<string>();
  readonly #newest = new Map<string, number>();

  /** True once for each. @param messageId stands in for the event's own id where it has none. @param wall now, in milliseconds since 1970. */
  isNews({ id = '', subject, at }: AwsEvent, messageId: string, wall: number): boolean {
    const key = id || messageId;
    if (key !== '' && this.#ids.has(key)) return false;
    if (key !== '') this.#ids.add(key);
    forgetOldest(this.#ids);
    // One of a time to come would have all that follow count as older, for as long as that takes.
    if (subject === undefined || at === undefined || at > wall + AHEAD) return true;
    const newest = this.#newest.get(subject) ?? 0;
    if (at < newest) return false;
    this.#newest.delete(subject); // to the end
    this.#newest.set(subject, at);
    forgetOldest(this.#newest);
    return true;
  }
}

function forgetOldest(all: Set<string> | Map<string, number>): void {
  const [oldest] = all.keys();
  if (all.size > MOST && oldest !== undefined) all.delete(oldest);
}
