import type * as OpenTelemetryApi from '@opentelemetry/api';

export type Api = typeof OpenTelemetryApi;

/** Where all copies of the API of this major version keep what is registered: to look there costs no import. */
const REGISTERED = Symbol.for('opentelemetry.js.api.1');

let loaded: Api | undefined;
let loading: Promise<Api | undefined> | undefined;

/** True where somebody measures or traces. Until then the API is not loaded: it takes 30 ms. */
export function isAnythingRegistered(): boolean {
  const api = (globalThis as unknown as Record<symbol, Record<string, unknown> | undefined>)[REGISTERED];
  return api?.metrics !== undefined || api?.trace !== undefined;
}

/** Undefined until it is loaded. */
export const loadedApi = (): Api | undefined => loaded;

/** Never rejects; undefined where it can't be loaded. */
export const loadApi = (): Promise<Api | undefined> =>
  (loading ??= import('@opentelemetry/api').then(
    (api) => (loaded = api),
    () => undefined,
  ));
