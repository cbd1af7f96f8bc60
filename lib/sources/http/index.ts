// The wire layer that HTTP sources share. Not part of the package's public entries.
export { HttpTransport } from './http.transport.js';
export { TLS_OPTIONS } from './http.options.js';
export type { HttpRequest, HttpTransportOptions, TlsOptions } from './http.options.js';
export { HttpResponse } from './http.response.js';
export type { GivenProxy } from './proxy.js';
export { isLoopback, parseBaseUrl } from './base-url.js';
export type { BaseUrl } from './base-url.js';
export { retryAfterOf } from './retry-after.js';
export { refuseInsecure } from './insecure.js';
export type { PacedRequest } from './request.pace.js';
export { RequestPace } from './request.pace.js';
export { loadUndici } from './undici.js';
