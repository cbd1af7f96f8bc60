import { ConflictException, Controller, Get, Header, HttpCode, NotFoundException, Param, Post } from '@nestjs/common';
import type { ResourceStatus } from 'nestjs-hcp-vault';
import { HcpVaultClient } from 'nestjs-hcp-vault';
import type { JournalEntry } from './journal.js';
import { Journal } from './journal.js';
import type { LoadFigures } from './load.js';
import { Load } from './load.js';
import type { Action } from './operator.js';
import { ACTIONS, Operator } from './operator.js';

export interface DemoState {
  readonly load: LoadFigures;
  readonly pool?: ResourceStatus;
  readonly journal: readonly JournalEntry[];
  /** Why a button can't be pressed now, by its action; null where it can. */
  readonly obstacles: Readonly<Record<Action, string | null>>;
}

/** What the buttons ask for. They change what is made up, in this process: hence no guard. */
@Controller('demo')
export class DemoController {
  constructor(
    private readonly operator: Operator,
    private readonly load: Load,
    private readonly journal: Journal,
    private readonly client: HcpVaultClient,
  ) {}

  @Get()
  @Header('cache-control', 'no-store')
  state(): DemoState {
    const pool = this.client.resources().find(({ secret }) => secret === 'DATABASE');
    return {
      load: this.load.figures(),
      ...(pool && { pool }),
      journal: this.journal.entries,
      obstacles: Object.fromEntries(
        ACTIONS.map((action) => [action, this.operator.obstacle(action) ?? null]),
      ) as DemoState['obstacles'],
    };
  }

  @Post(':action')
  @HttpCode(200)
  act(@Param('action') name: string): DemoState {
    const action = ACTIONS.find((known) => known === name);
    if (!action) throw new NotFoundException();
    const obstacle = this.operator.obstacle(action);
    if (obstacle !== undefined) throw new ConflictException(obstacle);
    this.operator.do(action);
    return this.state();
  }
}
