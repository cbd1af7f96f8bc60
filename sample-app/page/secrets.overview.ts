import type { OnApplicationBootstrap } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import type { SecretStatus } from 'nestjs-hcp-vault';
import { HcpVaultClient, isSecretError } from 'nestjs-hcp-vault';
import { Backend } from '../backend/backend.js';
import type { Recipe } from '../recipes/recipe.js';
import { RECIPES } from '../recipes/recipes.module.js';

/** What the page and `/secrets` show. Ages are in seconds. Nothing of a value is there, and nothing made from one. */
export interface Overview {
  readonly backend: string;
  /** Whether there are `/demo` and its buttons. */
  readonly isEmbedded: boolean;
  readonly uptime: number;
  readonly rotations: number;
  readonly secrets: readonly SecretRow[];
  readonly places: readonly PlaceRow[];
}

export interface SecretRow {
  readonly name: string;
  /** As the source has it; null where it has none, for what is made from a value is not shown. */
  readonly version: string | null;
  /** Since this version reached the app. */
  readonly age: number | null;
  /** Since it was last read, changed or not. */
  readonly checked: number | null;
  /** How often it was replaced while the app ran. */
  readonly changes: number;
  readonly stale: boolean;
  /** Until the source ends it: of a dynamic secret only. */
  readonly lease?: number;
  readonly error?: string;
}

export interface PlaceRow {
  readonly title: string;
  readonly code: string;
  readonly secret: string;
  readonly field?: string;
  readonly live: boolean;
  /** False where the source has no such secret. */
  readonly isThere: boolean;
  /** Whether this place holds what the secret is now. */
  readonly current: boolean;
}

@Injectable()
export class SecretsOverview implements OnApplicationBootstrap {
  private readonly startedAt = Date.now();
  private readonly arrivals = new Map<string, number>();
  private readonly changes = new Map<string, number>();
  private rotations = 0;

  constructor(
    private readonly client: HcpVaultClient,
    private readonly backend: Backend,
    @Inject(RECIPES) private readonly recipes: readonly Recipe[],
  ) {
    // Ends by itself when the app closes.
    client.rotations$.subscribe(({ name, at }) => {
      this.arrivals.set(name, at.getTime());
      this.changes.set(name, (this.changes.get(name) ?? 0) + 1);
      this.rotations += 1;
    });
  }

  onApplicationBootstrap(): void {
    for (const { name, loadedAt } of this.client.status()) if (loadedAt) this.arrivals.set(name, loadedAt.getTime());
  }

  now(): Overview {
    return {
      backend: this.backend.description,
      isEmbedded: this.backend.embedded !== undefined,
      uptime: since(this.startedAt),
      rotations: this.rotations,
      secrets: this.client
        .status()
        .filter(({ lastError }) => lastError?.code !== 'SECRET_NOT_FOUND') // what a recipe names and this source lacks
        .map((status) => this.row(status)),
      places: this.recipes.map((recipe) => this.place(recipe)),
    };
  }

  private row({ name, version, versionKind, loadedAt, stale, lease, lastError }: SecretStatus): SecretRow {
    const arrived = this.arrivals.get(name) ?? loadedAt?.getTime();
    return {
      name,
      version: versionKind === 'source' ? (version ?? null) : null,
      age: arrived === undefined ? null : since(arrived),
      checked: loadedAt ? since(loadedAt.getTime()) : null,
      changes: this.changes.get(name) ?? 0,
      stale,
      ...(lease && { lease: Math.max(0, -since(lease.expiresAt.getTime())) }),
      ...(lastError && { error: lastError.code }),
    };
  }

  private place(recipe: Recipe): PlaceRow {
    const { title, code, secret, field, live } = recipe;
    const value = this.read(() => recipe.value());
    const now = this.read(() => this.client.get(secret, { field }));
    const isThere = value !== undefined && value !== null;
    return { title, code, secret, ...(field && { field }), live, isThere, current: value === now };
  }

  /** Undefined where the source has no such secret: the page says so. */
  private read(work: () => unknown): unknown {
    try {
      return work();
    } catch (error) {
      if (isSecretError(error)) return undefined;
      throw error;
    }
  }
}

const since = (time: number): number => Math.round((Date.now() - time) / 100) / 10;
