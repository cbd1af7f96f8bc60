import type { AnnouncedChange } from '../../../core/source/change-listener.js';

type Fields = Readonly<Record<string, unknown>>;

const KV = /^kv-v1\/(?:write|delete)$|^kv-v2\/(?:data-(?:write|patch|delete)|delete|undelete|destroy|metadata-delete)$/;
/** A password that Vault keeps was changed; what is issued at each reading tells of itself in vain. */
const ROTATED = /^(database|ldap)\/rotate$/;

/** Characters: events are of one path, and hold no value. */
const LONGEST = 16_384;

/** What an event (a CloudEvent, in JSON) says has changed; nothing where it is not an event, or no change. Never throws. */
export function changesOf(text: unknown): readonly AnnouncedChange[] {
  const data = fieldsOf(fieldsOf(parsed(text))['data']);
  const type = textOf(data['event_type']) ?? '';
  const metadata = fieldsOf(fieldsOf(data['event'])['metadata']);
  if (metadata['modified'] === 'false') return [];
  if (KV.test(type)) return kv(type, metadata);
  return ROTATED.test(type) ? rotated(metadata, fieldsOf(data['plugin_info'])) : [];
}

/** The path that readers use comes as `data_path`, where there is one. */
function kv(type: string, metadata: Fields): readonly AnnouncedChange[] {
  const path = textOf(metadata['data_path']) ?? textOf(metadata['path']);
  if (path === undefined) return [];
  const isWritten = /\/data-(?:write|patch)$/.test(type);
  const version = isWritten ? textOf(metadata['current_version']) : undefined;
  return [version === undefined ? path : { name: path, version }];
}

function rotated(metadata: Fields, plugin: Fields): readonly AnnouncedChange[] {
  const path = textOf(metadata['path']) ?? '';
  const role = textOf(metadata['name']) ?? path.split('/').at(-1) ?? '';
  const mount = (textOf(plugin['mount_path']) ?? path.slice(0, path.indexOf('/'))).replace(/\/+$/, '');
  if (role === '' || mount === '') return [];
  return [`${mount}/static-creds/${role}`, `${mount}/static-cred/${role}`];
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' && text.length <= LONGEST ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
