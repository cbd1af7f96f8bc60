// What apps make of an object without a thought: copies, and lines of a log.
import { instanceToPlain } from 'class-transformer';
import lodash from 'lodash';
import pino from 'pino';
import { show } from './witness.js';

export function showCopies(label: string, thing: object): void {
  show(`${label} by spread`, { ...thing });
  show(`${label} by Object.entries`, Object.entries(thing));
  show(`${label} by its descriptors`, Object.getOwnPropertyDescriptors(thing));
  show(`${label} by Object.assign`, Object.assign({}, thing));
  show(`${label} by a deep clone`, lodash.cloneDeep({ thing }));
  show(`${label} by merging`, lodash.merge({}, { thing }));
  show(`${label} by class-transformer`, instanceToPlain({ thing, list: [thing] }));
  try {
    show(`${label} by structuredClone`, structuredClone(thing));
  } catch (error) {
    show(`${label} by structuredClone`, error);
  }
  const logger = pino({ level: 'trace' }, { write: (line: string) => show(`${label} by pino`, line) });
  logger.info(thing);
  logger.error({ err: thing, thing }, 'text');
  logger.warn('%o %O %j', thing, thing, thing);
}
