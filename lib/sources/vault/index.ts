export * from './client/index.js';
export * from './auth/index.js';
export * from './source/index.js';
export * from './events/index.js';
