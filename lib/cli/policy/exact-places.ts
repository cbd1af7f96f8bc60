import { printable } from '../../core/errors/index.js';
import { nameFault } from '../../core/secret/secret-name.js';
import { UsageError } from '../usage-error.js';
import type { NeededSecret } from './needed-secret.js';

/** Kinds whose names are no part of a URL, where a dot segment leads nowhere else. */
const BY_NAME = ['aws-secrets-manager', 'aws-parameter-store'];

/**
 * Refuses what no right can be printed for without meaning another secret too, or none: names that their source does not ask for, that were cut, or that
 * read as a field of another secret or as an option of a command.
 * @throws UsageError
 */
export function refuseInexact(needed: readonly NeededSecret[]): void {
  for (const { name, places } of needed) {
    const refuse = (why: string): never => {
      throw new UsageError(`no right can be printed for "${printable(name.slice(0, 100))}": the name ${why}.`);
    };
    if (name === '') refuse('is empty');
    if (/, (?:field|key) "/.test(name)) refuse('reads as a field of another secret');
    const fault = nameFault(name, { place: 'key' });
    if (fault) refuse(fault.text);
    for (const { source, name: there, asked = [] } of places) {
      const plain = there.replace(/, (?:field|key) ".*"$/s, '');
      const place = BY_NAME.includes(source) ? 'key' : 'path';
      for (const text of [plain, ...asked.map((request) => request.replace(/^[A-Z]+ /, ''))]) {
        const led = nameFault(text, { place });
        if (led) refuse(led.text);
        if (text.includes('\ufffd')) refuse('holds what can’t be printed');
        if (text.endsWith('…')) refuse('is cut, or too long to be told whole');
      }
      if (source === 'google-secret-manager' && plain.startsWith('-')) refuse('would be an option of gcloud');
    }
  }
}
