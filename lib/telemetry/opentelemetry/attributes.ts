/** Attributes of metrics and spans. `error.type` is of the semantic conventions, and stands where something failed only. */
export const CONNECTION = 'secret.connection';
/** Of a second connection of the same name in one process, as two apps have: its number. */
export const APP = 'secret.app';
/** The source’s kind; of events of a shared cache or a channel, its kind. */
export const SOURCE = 'secret.source';
export const OPERATION = 'secret.operation.name';
/** Only with `secretNames`. */
export const NAME = 'secret.name';
export const NAMES = 'secret.names';
/** Of a span: how many names were asked for. */
export const COUNT = 'secret.count';
export const STATE = 'secret.state';
export const LAG_FROM = 'secret.lag.from';
export const REFUSED_BY = 'secret.refused.by';
export const REJECTED_BY = 'secret.rejected.by';
export const RESOURCE = 'secret.resource.name';
export const RESOURCE_STATE = 'secret.resource.state';
export const CACHE = 'secret.cache';
export const CACHE_RESULT = 'secret.cache.result';
export const PLACE = 'secret.guard.place';
export const EVENT = 'secret.event.type';
export const ERROR_TYPE = 'error.type';
