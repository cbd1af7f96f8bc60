import { AsyncResource } from 'node:async_hooks';

/** As this package was loaded: outside of any request. */
const outside = new AsyncResource('nestjs-hcp-vault');

/**
 * Does work outside of the request that happens to cause it. What is done for many (a reading that others join, a timer) would else run as a part of that
 * one: in its trace, with its transaction, its user.
 */
export const outsideOfRequests = <T>(work: () => T): T => outside.runInAsyncScope(work);
