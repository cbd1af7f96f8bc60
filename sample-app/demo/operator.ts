import type { OnModuleDestroy } from '@nestjs/common';
import type { Login } from '../backend/credentials.js';
import type { EmbeddedBackend } from '../backend/embedded.backend.js';
import { madeUp } from '../backend/seed.js';
import type { Database } from './database.js';
import type { Journal } from './journal.js';
import type { ObjectStore } from './object-store.js';

export const ACTIONS = ['rotate', 'take-away', 'bring-back', 'revoke', 'refuse-first', 'break'] as const;
export type Action = (typeof ACTIONS)[number];

/** How long the database knows a password that the backend has not published. */
const GAP = 2000;
/** After this the backend comes back by itself: well within the life of the credentials that the app holds. */
const LONGEST_AWAY = 60_000;

/** What operators do, on purpose or not. The app is told of none of it. */
export class Operator implements OnModuleDestroy {
  private gap: NodeJS.Timeout | undefined;
  private absence: NodeJS.Timeout | undefined;

  constructor(
    private readonly backend: EmbeddedBackend,
    private readonly database: Database,
    private readonly store: ObjectStore,
    private readonly journal: Journal,
  ) {}

  /** Why this can't be done now; undefined where it can. */
  obstacle(action: Action): string | undefined {
    const isAway = this.backend.isAway;
    if (action === 'bring-back') return isAway ? undefined : 'The backend is there.';
    if (isAway) return 'The backend is away: nothing can be changed there.';
    if (this.gap !== undefined) return 'The new password is about to be published.';
    return undefined;
  }

  do(action: Action): void {
    switch (action) {
      case 'rotate':
        return this.rotate();
      case 'take-away':
        return this.takeAway();
      case 'bring-back':
        return this.bringBack();
      case 'revoke':
        return this.revoke();
      case 'refuse-first':
        return this.refuseFirst();
      case 'break':
        return this.putInBroken();
    }
  }

  /** What waits for the other side gets its answer before the app ends. */
  onModuleDestroy(): void {
    if (this.gap !== undefined) this.closeGap();
    if (this.backend.isAway) this.bringBack();
  }

  private closeGap: () => void = () => undefined;

  private rotate(): void {
    const login = this.newLogin();
    this.database.change(login, { overlap: true });
    this.backend.publish(login);
    this.journal.note('You rotated DATABASE. The database takes the password before it for a while, too.');
  }

  private refuseFirst(): void {
    const login = this.newLogin();
    this.database.change(login, { overlap: false });
    this.journal.note('You changed the password at the database only. It refuses the app: requests wait.');
    this.closeGap = () => {
      clearTimeout(this.gap);
      this.gap = undefined;
      this.backend.publish(login);
      this.journal.note('The backend publishes the new password.');
    };
    this.gap = setTimeout(() => this.closeGap(), GAP);
  }

  private takeAway(): void {
    this.backend.takeAway();
    this.absence = setTimeout(() => this.bringBack(), LONGEST_AWAY);
    this.journal.note('You took the backend away: it answers 503 to everything.');
  }

  private bringBack(): void {
    clearTimeout(this.absence);
    this.backend.bringBack();
    this.journal.note('The backend is back.');
  }

  private revoke(): void {
    this.store.revoke();
    this.journal.note('You revoked the lease of AWS: the store refuses the access key from now on.');
  }

  private putInBroken(): void {
    this.backend.publishBroken();
    this.journal.note('You published a DATABASE without a password.');
  }

  private newLogin(): Login {
    return { username: this.backend.login.username, password: madeUp('') };
  }
}
