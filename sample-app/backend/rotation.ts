import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Backend } from './backend.js';

/** Rotates one secret after the other at the backend. */
@Injectable()
export class Rotation {
  private readonly names = ['STRIPE_KEY', 'SIGNING_KEY', 'DATABASE'];
  private turn = 0;

  constructor(private readonly backend: Backend) {}

  @Interval(3000)
  rotateNext(): void {
    this.backend.rotate(this.names[this.turn++ % this.names.length]!);
  }
}
