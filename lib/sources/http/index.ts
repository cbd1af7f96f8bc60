// The wire layer that HTTP sources share. Not part of the package's public entries.
export { AccessToken } from './access-token.js';
export { HttpTransport } from './http.transport.js';
export { TLS_OPTIONS } from './http.options.js';
export type { HttpRequest, HttpTransportOptions, TlsOptions } from './http.options.js';
export { HttpResponse } from './http.response.js';
export { BodyStream } from './body.stream.js';
export { proxyFor, refusedProxy } from './proxy.js';
export type { GivenProxy } from './proxy.js';
export { isLinkLocal, isLoopback, parseBaseUrl } from './base-url.js';
export type { BaseUrl } from './base-url.js';
export { failedAnswer, foreignAnswer, isWrongRequest, throttledAnswer } from './failed-answer.js';
export type { FailedAnswer } from './failed-answer.js';
export { PageTokens } from './page-tokens.js';
export { retryAfterOf } from './retry-after.js';
export { refuseInsecure } from './insecure.js';
export { loadUndici } from './undici.js';
export { isAway, isHeaderText, isPassing, isSilent, isTimedOut, isTlsFault, TIMED_OUT } from './http.errors.js';
export { repeatedRequest } from './repeated-request.js';
