import type { Violations } from './violations.js';
import type { Content } from './world.js';

export class Refused extends Error {}

export interface Resource {
  readonly made: Content;
  disposed: number;
}

/** Milliseconds that a swap waits for work on the old one. */
export const DRAIN = 5_000;

/** Resources that were made from a secret: how many live, and whether each is ended once, and not under work. */
export class Resources {
  readonly #all: Resource[] = [];

  constructor(private readonly violations: Violations) {}

  readonly create = (value: unknown): Resource => {
    const resource = { made: value as Content, disposed: 0 };
    this.#all.push(resource);
    const alive = this.#all.filter(({ disposed }) => disposed === 0).length;
    if (alive > 2) this.violations.add('more than two resources alive', `${alive} at once`);
    return resource;
  };

  readonly dispose = (resource: Resource): void => {
    resource.disposed += 1;
    if (resource.disposed > 1)
      this.violations.add('a resource disposed of twice', `made from ${resource.made.content}`);
  };

  /** Work that took `ms` ends on a resource. */
  worked(resource: Resource, ms: number): void {
    if (resource.disposed > 0 && ms < DRAIN) {
      this.violations.add('a resource disposed of under work', `made from ${resource.made.content}, work of ${ms} ms`);
    }
  }

  allDisposed(): void {
    const left = this.#all.filter(({ disposed }) => disposed === 0);
    if (left.length > 0) this.violations.add('a resource left', `${left.length} of ${this.#all.length}`);
  }
}
