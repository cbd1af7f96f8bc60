import type { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import type { Readers } from './readers.js';
import type { Violations } from './violations.js';

/** What the streams tell, beside what there is to read. */
export class Telling {
  /** Per secret: reading failed, and nobody told that it is well again. */
  readonly failing = new Set<string>();
  /** A renewal failed or fell short since the last good news. */
  readonly renewalTrouble = new Set<string>();
  /** How often a value was taken away. */
  readonly ended = new Map<string, number>();
  readonly #told = new Map<string, number | undefined>();
  readonly #rotatedEvents = new Map<string, number>();
  readonly #rotations = new Map<string, number>();
  isComplete = { rotations: false, events: false };

  constructor(
    private readonly client: HcpVaultClient,
    private readonly readers: Readers,
    private readonly violations: Violations,
  ) {
    client.rotations$.subscribe({
      next: ({ name, previous, current }) => this.#rotated(name, previous, current),
      complete: () => (this.isComplete.rotations = true),
    });
    client.events$.subscribe({
      next: ({ type, name, requestedVersion }) => {
        if (name !== undefined && requestedVersion === undefined) this.#happened(type, name);
      },
      complete: () => (this.isComplete.events = true),
    });
  }

  /** What readers see now, compared with what was told since the last look. `content` is undefined where they see none. */
  compare(name: string, content: number | undefined): void {
    const told = this.#told.get(name);
    if (content !== undefined && told !== undefined && content !== told) {
      this.violations.add('a change that nobody told', `${name}: ${told} became ${content}`, name);
    }
    this.#told.set(name, content);
    const [events, rotations] = [this.#rotatedEvents.get(name) ?? 0, this.#rotations.get(name) ?? 0];
    if (events !== rotations) {
      this.violations.add('streams that disagree', `${name}: ${events} events "rotated", ${rotations} rotations`, name);
    }
    this.#rotatedEvents.delete(name);
    this.#rotations.delete(name);
  }

  #rotated(name: string, previous: unknown, current: unknown): void {
    const content = this.readers.saw(name, current, 'sync', 'rotations$');
    if (previous !== undefined) {
      this.#rotations.set(name, (this.#rotations.get(name) ?? 0) + 1);
      if ((previous as { content?: number }).content === content) {
        this.violations.add('a rotation without a change', `${name} is ${content} as before`, name);
      }
    }
    this.#told.set(name, content);
    try {
      const shown = this.client.get<{ content: number }>(name).content;
      if (shown !== content) {
        this.violations.add('an event beside another value', `${name}: told ${content}, readers see ${shown}`, name);
      }
    } catch (error) {
      this.violations.add(
        'an event beside another value',
        `${name}: told ${content}, readers get ${String(error)}`,
        name,
      );
    }
  }

  #happened(type: string, name: string): void {
    if (type === 'rotated') this.#rotatedEvents.set(name, (this.#rotatedEvents.get(name) ?? 0) + 1);
    if (type === 'loaded' || type === 'ended') this.#told.set(name, undefined);
    if (type === 'ended') this.ended.set(name, (this.ended.get(name) ?? 0) + 1);
    if (type === 'failed') this.failing.add(name);
    if (type === 'recovered') this.failing.delete(name);
    if (type === 'lease-renewal-failed' || type === 'lease-ending') this.renewalTrouble.add(name);
    if (type === 'lease-renewed' || type === 'rotated' || type === 'loaded') this.renewalTrouble.delete(name);
  }
}
