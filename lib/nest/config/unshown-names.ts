import type { SecretRuntime } from '../../core/client/secret-runtime.js';

/**
 * What every object is asked for: what it inherits, what promises and JSON look for, and what loggers take an error by (pino and winston print `message`
 * of whatever has one). A secret of such a name would change how a view is printed, so that the view does not show it.
 */
const UNSHOWN: ReadonlySet<string> = new Set([
  ...Object.getOwnPropertyNames(Object.prototype),
  'then',
  'toJSON',
  'message',
  'stack',
]);

export const isUnshown = (name: string): boolean => UNSHOWN.has(name);

/** Says once which secrets a connection's views leave out. */
export function tellUnshown({ secrets, connection, log }: SecretRuntime): void {
  const names = [...secrets]
    .filter(({ live }) => live.current && isUnshown(live.name))
    .map(({ live }) => `"${live.name}"`);
  if (names.length === 0) return;
  log.warnOnce(
    'unshown',
    `Secrets of "${connection}" are named as what every object has, and are not shown in ConfigService: ${[...new Set(names)].join(', ')}. Read them by \`client.get(name)\`.`,
  );
}
