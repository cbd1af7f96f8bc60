export { diskCache } from './disk-cache.js';
export type { DiskCacheOptions } from './disk-cache.options.js';
