import { Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Backend } from '../backend/backend.js';

/** Rotates two secrets by turns at the backend, so that there is something to see before a button is pressed. */
@Injectable()
export class Rotation {
  private readonly names = ['STRIPE_KEY', 'SIGNING_KEY'];
  private turn = 0;

  constructor(private readonly backend: Backend) {}

  @Interval(5000)
  rotateNext(): void {
    this.backend.embedded?.rotate(this.names[this.turn++ % this.names.length]!);
  }
}
