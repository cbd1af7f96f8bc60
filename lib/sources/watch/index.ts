// What sources of files share: reading within bounds, and watching. No source of its own.
export { brokenFile, errorCode, fileFault, fileTrouble } from './file.faults.js';
export { readCredentialText } from './credential-text.js';
export { readWholeFile, stateOf } from './file.reader.js';
export { readAtOnce } from './read-at-once.js';
export { isBelow, liesIn } from './opened-file.js';
export type { WatchedEntries } from './folder.listeners.js';
export type { FileSecretsReader } from './files.source.js';
export type { LastReading, WatchedPath, WatchSettings } from './path-watcher.js';
export { joinedChains, symlinkChain } from './symlink-chain.js';
export type { WatchedFileOptions, WatchedFileSettings } from './watch.options.js';
export { WATCHED_FILE_OPTIONS, watchedFileSettings } from './watch.options.js';
export { WatchGroup } from './watch.group.js';
export { textOfFile, versionsOf } from './secret.files.js';
export { decodeUtf8 } from './utf8.js';
