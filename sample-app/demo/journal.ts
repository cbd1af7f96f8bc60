import { Injectable } from '@nestjs/common';
import type { SecretEvent } from 'nestjs-hcp-vault';
import { HcpVaultClient } from 'nestjs-hcp-vault';

export interface JournalEntry {
  /** Counts from 1. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly text: string;
}

const KEPT = 40;

/** What was done by the buttons, and what the app made of it, in words: the oldest first. */
@Injectable()
export class Journal {
  private readonly kept: JournalEntry[] = [];
  private count = 0;
  private isFailing = false;

  constructor(client: HcpVaultClient) {
    // Ends by itself when the app closes.
    client.events$.subscribe((event) => this.told(event));
  }

  get entries(): readonly JournalEntry[] {
    return this.kept;
  }

  note(text: string): void {
    this.kept.push({ number: (this.count += 1), at: Date.now(), text });
    if (this.kept.length > KEPT) this.kept.shift();
  }

  private told({ type, name, version, error }: SecretEvent): void {
    if (name === 'AWS' && type === 'rotated')
      this.note('The app has a new access key; what was refused is done again.');
    if (name !== 'DATABASE') return;
    if (type === 'failed' && !this.isFailing) {
      this.note(`Reading fails with ${error?.code}. The app serves on with the value it has.`);
    }
    if (type === 'recovered') this.note('Reading works again.');
    if (type === 'rotated') this.note(`The app has DATABASE v${version}, and moves to a pool made from it.`);
    this.isFailing = type === 'failed';
  }
}
