import type { RefreshReport } from '../../../lib/core/client/source-operations.js';
import type { Model } from './model.js';
import { Refused } from './resource.js';
import type { Content } from './world.js';
import { isDynamic } from './world.js';

export interface FetchWish {
  readonly name: string;
  readonly forced?: boolean;
  readonly field?: boolean;
  /** The value is at least this one. */
  readonly least?: { readonly content: number; readonly kind: string } | undefined;
}

/** One `fetch`. A forced one never joins a reading that began before it. */
export function fetchOne(model: Model, { name, forced = false, field = false, least }: FetchWish): void {
  const { client, calls, log, readers, violations, world } = model;
  const release = forced ? log.force(name, 'at once') : undefined;
  const expected = least ?? (forced ? freshest(model, name) : undefined);
  calls.make(
    `fetch ${name}${forced ? ', forced' : ''}`,
    () => client.fetch(name, { forceRefresh: forced, ...(field && { field: 'part.text' }) }),
    (value) => {
      const whole = field ? world.value(name, Number(String(value).split('/')[1])) : value;
      const content = readers.saw(name, whole, 'waited', 'fetch');
      if (expected && content !== undefined && content < expected.content) {
        violations.add(expected.kind, `fetch ${name}: ${content}, at the call it was ${expected.content}`, name);
      }
    },
    release,
  );
}

/** What a reading that begins now gives at least. */
function freshest({ world }: Model, name: string): { content: number; kind: string } {
  const content = isDynamic(name) ? world.newest(name) + 1 : (world.seen(name)?.content ?? 0);
  return { content, kind: 'a forced reading gave an older value' };
}

export interface WorkWish {
  readonly ms: number;
  readonly refusals: number;
  readonly least?: { readonly content: number; readonly kind: string } | undefined;
}

/** Work that outlives rotations, refused a few times by the other side. */
export function workWith(model: Model, name: string, { ms, refusals, least }: WorkWish): void {
  const { client, calls, readers, violations } = model;
  const release = refusals > 0 ? rejecting(model, name) : undefined;
  const sleep = sleepOf(model);
  let left = refusals;
  const work = async (value: Content): Promise<void> => {
    const content = readers.saw(name, value, 'waited', 'withSecret');
    if (least && content !== undefined && content < least.content) {
      violations.add(least.kind, `withSecret ${name}: ${content}, it was ${least.content}`, name);
    }
    if (ms > 0) await sleep(ms);
    if (left > 0) {
      left -= 1;
      throw new Refused();
    }
  };
  const rejects = (error: unknown): boolean => error instanceof Refused;
  calls.make(`withSecret ${name}`, () => client.withSecret(name, work, { rejects }), undefined, release);
}

/** The same with the rotating resource. */
export function useResource(model: Model, { ms, refusals, least }: WorkWish): void {
  const { resource, calls, readers, resources, violations } = model;
  if (!resource) return;
  const name = model.setting.resourceOf;
  const release = refusals > 0 ? rejecting(model, name) : undefined;
  const sleep = sleepOf(model);
  let left = refusals;
  const work = async (used: typeof resource.current): Promise<void> => {
    const content = readers.saw(name, used.made, 'waited', 'use');
    resources.worked(used, 0);
    if (least && content !== undefined && content < least.content) {
      violations.add(least.kind, `use of ${name}: ${content}, it was ${least.content}`, name);
    }
    if (ms > 0) await sleep(ms);
    resources.worked(used, ms);
    if (left > 0) {
      left -= 1;
      throw new Refused();
    }
  };
  calls.make('use', () => resource.use(work), undefined, release);
}

/** `refresh()` or `refresh(name)`: what it reports of a secret is what became of it. */
export function refreshOne(model: Model, name: string | undefined): void {
  const { client, calls, log, telling, violations } = model;
  const release = name === undefined ? log.force('*', 'later') : log.force(name, 'at once');
  const before = name === undefined ? undefined : contentOf(model, name);
  const ended = name === undefined ? undefined : telling.ended.get(name);
  calls.make(
    `refresh ${name ?? 'all'}`,
    () => client.refresh(name),
    (report) => {
      if (log.door !== 'open') return;
      checkReport(model, report, name);
      const after = name === undefined ? undefined : contentOf(model, name);
      if (name === undefined || before === undefined || after === undefined) return;
      // A value that was taken away meanwhile, and came again, may be called either.
      if (ended !== telling.ended.get(name)) return;
      const { changed, unchanged } = report;
      if (unchanged.includes(name) && after !== before) {
        violations.add('a report that is wrong', `${name}: "unchanged", ${before} became ${after}`, name);
      }
      if (changed.includes(name) && after === before) {
        violations.add('a report that is wrong', `${name}: "changed", but it is ${after} as before`, name);
      }
    },
    release,
  );
}

function checkReport(
  { violations }: Model,
  { changed, unchanged, failed }: RefreshReport,
  asked: string | undefined,
): void {
  const all = [...changed, ...unchanged, ...failed.map(({ name }) => name)];
  const twice = all.find((name, index) => all.indexOf(name) !== index);
  if (twice !== undefined) violations.add('a report that is wrong', `${twice} is in it twice`, twice);
  if (asked !== undefined && !all.includes(asked))
    violations.add('a report that is wrong', `${asked} is not in it`, asked);
}

/** What `get` shows, without a judgement. */
export function contentOf({ client }: Model, name: string): number | undefined {
  try {
    return client.get<Content>(name).content;
  } catch {
    return undefined;
  }
}

/** Refused work has the secret read anew, which may come when the work is long done: after the spacing of rejections, and a time-out. */
function rejecting({ log, clock }: Model, name: string): () => void {
  const release = log.force(name, 'later');
  return () => void clock.faceOf('work').setTimer(release, 90_000);
}

function sleepOf(model: Model): (ms: number) => Promise<void> {
  return (ms) => model.clock.faceOf('work').sleep(ms);
}
