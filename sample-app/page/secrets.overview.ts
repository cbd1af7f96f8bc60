import type { OnApplicationBootstrap } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import type { SecretStatus } from 'nestjs-hcp-vault';
import { HcpVaultClient, isSecretError } from 'nestjs-hcp-vault';
import { Backend } from '../backend/backend.js';
import type { Recipe } from '../recipes/recipe.js';
import { RECIPES } from '../recipes/recipes.module.js';
import { mask } from './mask.js';

/** What the page and `/secrets` show. Ages are in seconds; values are masked. */
export interface Overview {
  readonly backend: string;
  readonly uptime: number;
  readonly rotations: number;
  readonly secrets: readonly SecretRow[];
  readonly places: readonly PlaceRow[];
}

export interface SecretRow {
  readonly name: string;
  readonly version: string | null;
  /** Since this version reached the app. */
  readonly age: number | null;
  /** Since it was last read, changed or not. */
  readonly checked: number | null;
  readonly value: unknown;
  readonly stale: boolean;
  /** Until the source ends it: of a dynamic secret alone. */
  readonly lease?: number;
  readonly error?: string;
}

export interface PlaceRow {
  readonly title: string;
  readonly code: string;
  readonly secret: string;
  readonly field?: string;
  readonly live: boolean;
  readonly value: unknown;
  /** Whether this place shows what the secret is now. */
  readonly current: boolean;
}

@Injectable()
export class SecretsOverview implements OnApplicationBootstrap {
  private readonly startedAt = Date.now();
  private readonly arrivals = new Map<string, number>();
  private rotations = 0;

  constructor(
    private readonly client: HcpVaultClient,
    private readonly backend: Backend,
    @Inject(RECIPES) private readonly recipes: readonly Recipe[],
  ) {
    // Ends by itself when the app closes.
    client.rotations$.subscribe(({ name, at }) => {
      this.arrivals.set(name, at.getTime());
      this.rotations += 1;
    });
  }

  onApplicationBootstrap(): void {
    for (const { name, loadedAt } of this.client.status()) if (loadedAt) this.arrivals.set(name, loadedAt.getTime());
  }

  now(): Overview {
    return {
      backend: this.backend.description,
      uptime: since(this.startedAt),
      rotations: this.rotations,
      secrets: this.client
        .status()
        .filter(({ lastError }) => lastError?.code !== 'SECRET_NOT_FOUND') // what a recipe names and this source lacks
        .map((status) => this.row(status)),
      places: this.recipes.map((recipe) => this.place(recipe)),
    };
  }

  private row({ name, version, loadedAt, stale, lease, lastError }: SecretStatus): SecretRow {
    const arrived = this.arrivals.get(name) ?? loadedAt?.getTime();
    return {
      name,
      version: version ?? null,
      age: arrived === undefined ? null : since(arrived),
      checked: loadedAt ? since(loadedAt.getTime()) : null,
      value: mask(issued(this.read(() => this.client.get(name)))),
      stale,
      ...(lease && { lease: Math.max(0, -since(lease.expiresAt.getTime())) }),
      ...(lastError && { error: lastError.code }),
    };
  }

  private place(recipe: Recipe): PlaceRow {
    const { title, code, secret, field, live } = recipe;
    const value = this.read(() => recipe.value());
    const now = this.read(() => this.client.get(secret, { field }));
    return { title, code, secret, ...(field && { field }), live, value: mask(value), current: value === now };
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

/** Of a rotating or dynamic secret the values alone, without its times. */
function issued(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'values' in value ? { values: value.values } : value;
}

const since = (time: number): number => Math.round((Date.now() - time) / 100) / 10;
