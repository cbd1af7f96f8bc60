/** A promise that was broken. `kind` groups what belongs together. */
export interface Violation {
  readonly kind: string;
  readonly text: string;
  /** Milliseconds of virtual time. */
  readonly at: number;
}

/** What a scenario has broken; of a kind and a secret the first alone, for the rest follows from it. */
export class Violations {
  readonly found: Violation[] = [];
  readonly #seen = new Set<string>();

  constructor(private readonly clock: { readonly now: number }) {}

  add(kind: string, text: string, about = ''): void {
    const key = `${kind} ${about}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.found.push({ kind, text, at: this.clock.now });
  }
}
