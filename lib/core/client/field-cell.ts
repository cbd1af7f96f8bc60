import { isSecretError, SecretFieldError, SecretNotFoundError } from '../errors/index.js';
import { FieldPath } from '../secret/field-path.js';
import type { Cell } from '../store/cell.js';
import type { SecretState } from '../tracking/secret-state.js';

/** The cell of a field; only paths that lead somewhere are kept, for a path that is made up at each call must not fill the memory. */
export function fieldCell({ live }: SecretState, field: string): Cell {
  const path = FieldPath.parse(field);
  if (live.current) {
    try {
      path.resolve(live.current.value, live.name);
    } catch (error) {
      const { connection } = live;
      throw isSecretError(error)
        ? error.located({ connection })
        : new SecretFieldError('no such field.', { field, connection });
    }
  } else if (live.state === 'missing') {
    throw new SecretNotFoundError(undefined, { secretName: live.name, connection: live.connection });
  }
  return live.field(field);
}
