import type { SecretStatus } from '../../../lib/core/client/status.js';
import type { Model } from './model.js';
import { isDynamic } from './world.js';

const OUTAGES = ['SECRET_SOURCE_UNAVAILABLE', 'SECRET_THROTTLED', 'SECRET_AUTHENTICATION'];
/** A timer's rounding, and an answer that arrives in the same step. */
const TOLERANCE = 1_500;

/** `status()` beside what the model knows, when nothing is in motion. */
export function checkStatus(model: Model): void {
  let all: SecretStatus[];
  try {
    all = model.client.status();
    JSON.stringify(all);
  } catch (error) {
    model.violations.add('status() threw', String(error));
    return;
  }
  for (const status of all) {
    if (status.requestedVersion !== undefined) continue;
    checkAge(model, status);
    if (!model.pinned.includes(status.name) || model.log.isReading(status.name)) continue;
    checkError(model, status);
    if (model.isRunning && model.setting.refresh && !isDynamic(status.name) && status.loadedAt)
      checkNext(model, status);
  }
}

function checkAge(
  { clock, log, setting, violations }: Model,
  { name, stale, loadedAt, lastError }: SecretStatus,
): void {
  if (isDynamic(name)) return;
  const age = loadedAt ? clock.wall - loadedAt.getTime() : undefined;
  if (stale && (lastError === undefined || age === undefined || age < setting.maxAge)) {
    violations.add('stale without a reason', `${name}: age ${age} ms, last error ${lastError?.code}`, name);
  }
  const isOutage = lastError !== undefined && OUTAGES.includes(lastError.code) && log.lastAnswer(name)?.kind !== 'odd';
  if (!stale && isOutage && age !== undefined && age > setting.maxAge + 1) {
    violations.add('not stale in an outage', `${name}: age ${age} ms, last error ${lastError.code}`, name);
  }
  const good = log.lastGood(name);
  if (age !== undefined && (good === undefined || age < clock.now - good - 1)) {
    violations.add('loaded when no answer came', `${name}: ${age} ms ago, the last answer at ${good}`, name);
  }
}

function checkError({ telling, violations }: Model, { name, lastError }: SecretStatus): void {
  if (telling.failing.has(name) && lastError === undefined) {
    violations.add('failed without recovered', `${name}: no lastError any more, and nobody told`, name);
  }
  const isTold = telling.failing.has(name) || telling.renewalTrouble.has(name);
  if (lastError && !isTold && lastError.code !== 'SECRET_NOT_FOUND') {
    violations.add('an error that nobody told', `${name}: ${lastError.code}`, name);
  }
}

function checkNext({ clock, setting, violations }: Model, { name, nextRefreshAt, lastError }: SecretStatus): void {
  const why = lastError ? `, last error ${lastError.code}` : '';
  if (!nextRefreshAt) {
    violations.add('never read again', `${name} has no next refresh${why}`, name);
    return;
  }
  const wait = nextRefreshAt.getTime() - clock.wall;
  const longest = Math.max(setting.maxAge, setting.retryMax);
  if (wait > longest + TOLERANCE) violations.add('next refresh too far away', `${name}: in ${wait} ms${why}`, name);
  if (wait < -TOLERANCE) violations.add('overdue, and nobody reads', `${name}: since ${-wait} ms${why}`, name);
}
