import { printable } from '../../core/errors/index.js';
import type { Finding } from './finding.js';

const MARKS: Readonly<Record<Finding['outcome'], string>> = { ok: 'ok', warn: 'warn', fail: 'FAIL', skipped: '-' };
const INDENT = ' '.repeat(19);

/** A line a check, and below it what to do. */
export const findingsText = (findings: readonly Finding[]): string =>
  findings
    .map(({ check, outcome, says, remedy }) => {
      const head = `${MARKS[outcome].padEnd(4)}  ${check.padEnd(11)}  ${printable(says)}\n`;
      return remedy === undefined ? head : `${head}${INDENT}${printable(remedy)}\n`;
    })
    .join('');
