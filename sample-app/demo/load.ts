import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

const CLIENTS = 4;
/** Milliseconds that each rests between two requests. */
const REST = 60;
const SECONDS_SHOWN = 60;
/** From here on a request counts as waiting. */
const LONG = 300;

export interface LoadFigures {
  /** Requests that were answered in each second, the oldest first; the second under way is left out. */
  readonly perSecond: readonly number[];
  readonly answered: number;
  readonly failed: number;
  /** Requests under way that have been for longer than 300 ms. */
  readonly waiting: number;
  /** Milliseconds of the slowest answer within the seconds shown. */
  readonly slowest: number;
}

/** A few clients that ask the app's own `/orders` over HTTP without an end. */
@Injectable()
export class Load implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly end = new AbortController();
  private readonly seconds = new Map<number, { answered: number; slowest: number }>();
  private readonly underWay = new Set<number>();
  private clients: readonly Promise<void>[] = [];
  private answered = 0;
  private failed = 0;

  constructor(private readonly host: HttpAdapterHost) {}

  onApplicationBootstrap(): void {
    const server = this.host.httpAdapter.getHttpServer() as Server;
    server.once('listening', () => {
      const url = `${originOf(server.address() as AddressInfo)}/orders`;
      this.clients = Array.from({ length: CLIENTS }, () => this.askOn(url));
    });
  }

  figures(): LoadFigures {
    const now = second();
    const shown = Array.from({ length: SECONDS_SHOWN }, (_, index) => this.seconds.get(now - SECONDS_SHOWN + index));
    return {
      perSecond: shown.map((one) => one?.answered ?? 0),
      answered: this.answered,
      failed: this.failed,
      waiting: [...this.underWay].filter((since) => performance.now() - since > LONG).length,
      slowest: Math.round(Math.max(0, ...shown.map((one) => one?.slowest ?? 0))),
    };
  }

  /** What is under way gets its answer before the server closes. */
  async onModuleDestroy(): Promise<void> {
    this.end.abort();
    await Promise.all(this.clients);
  }

  private async askOn(url: string): Promise<void> {
    const { signal } = this.end;
    while (!signal.aborted) {
      await this.ask(url);
      await pause(REST, undefined, { signal }).catch(() => undefined);
    }
  }

  private async ask(url: string): Promise<void> {
    const since = performance.now();
    this.underWay.add(since);
    const isWell = await fetch(url).then(
      async (answer) => (await answer.arrayBuffer(), answer.ok),
      () => false,
    );
    this.underWay.delete(since);
    if (!isWell) return void (this.failed += 1);
    this.answered += 1;
    this.count(performance.now() - since);
  }

  private count(took: number): void {
    const now = second();
    const { answered, slowest } = this.seconds.get(now) ?? { answered: 0, slowest: 0 };
    this.seconds.set(now, { answered: answered + 1, slowest: Math.max(slowest, took) });
    this.seconds.delete(now - SECONDS_SHOWN - 1);
  }
}

const second = (): number => Math.floor(performance.now() / 1000);

function originOf({ address, family, port }: AddressInfo): string {
  if (address === '0.0.0.0' || address === '::') return `http://127.0.0.1:${port}`;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
