import { getEventListeners } from 'node:events';
import { onAbort } from '../../lib/core/source/on-abort.js';

describe('what is told of an abort', () => {
  it('given a thousand that heed one signal, when some have left and it aborts, then the others are told once, in order, and it had one listener', () => {
    const controller = new AbortController();
    const told: number[] = [];
    const leave = Array.from({ length: 1_000 }, (_, index) => onAbort(controller.signal, () => told.push(index)));
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    for (const index of leave.keys()) if (index >= 3) leave[index]!();
    leave[1]!();
    controller.abort();
    expect(told).toEqual([0, 2]);
    leave[0]!();
  });

  it('given one that leaves while others are told, when its turn comes, then it is not told', () => {
    const controller = new AbortController();
    const told: string[] = [];
    onAbort(controller.signal, () => leaveSecond());
    const leaveSecond = onAbort(controller.signal, () => told.push('second'));
    controller.abort();
    expect(told).toEqual([]);
  });
});
