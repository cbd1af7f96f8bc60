import type { AnnouncedChange, ChangeListener } from '../../../lib/core/source/change-listener.js';
import type { Announcement } from './scenario.js';
import type { World } from './world.js';

/** What a channel says; half of it is what no channel should say. */
export function announce(listener: ChangeListener, kind: Announcement, name: string, world: World): void {
  const says = (changes: unknown): void => listener(changes as readonly AnnouncedChange[]);
  const version = world.current(name)?.version;
  switch (kind) {
    case 'all':
      return listener();
    case 'name':
      return says([name]);
    case 'version':
      return says([{ name, version }]);
    case 'oldVersion':
      return says([{ name, version: '1' }, 'A']);
    case 'unknown':
      return says(['nobody', { name: 'nobody', version: '3' }]);
    case 'nothing':
      return says([]);
    case 'null':
      return says(null);
    case 'number':
      return says(5);
    case 'holes':
      return says([undefined, null, 7, name]);
    case 'objects':
      return says([{}, { name: 5 }, { name, version: 5 }, { version: '1' }]);
    case 'text':
      return says('A');
  }
}
