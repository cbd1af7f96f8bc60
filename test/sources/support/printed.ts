import { format, inspect } from 'node:util';

/** Everything that a careless log line may make of a holder of secrets, in one text. */
export function printed(holder: unknown): string {
  return [
    String(holder),
    JSON.stringify({ holder }),
    JSON.stringify(holder, holder instanceof Error ? Object.getOwnPropertyNames(holder) : undefined),
    inspect(holder, { showHidden: true, depth: 20, getters: true }),
    inspect({ holder }, { depth: 20 }),
    format('%s %o %j', holder, holder, holder),
    holder instanceof Error ? `${holder.stack} ${inspect(holder.cause, { showHidden: true, depth: 20 })}` : '',
  ].join('\n');
}
