import type { AnnouncedChange } from '../../../core/source/change-listener.js';
import { fieldsOf } from '../auth/token.request.js';
import { resourceName } from '../secret-manager/google-secret-manager.names.js';

/** After these another value may be the current one. SECRET_ROTATE asks somebody to rotate, and TOPIC_CONFIGURED is a test. */
const CHANGES = new Set([
  'SECRET_CREATE',
  'SECRET_UPDATE', // its aliases of versions, perhaps
  'SECRET_DELETE',
  'SECRET_VERSION_ADD',
  'SECRET_VERSION_ENABLE',
  'SECRET_VERSION_DISABLE',
  'SECRET_VERSION_DESTROY',
]);

/** One message of a pull. */
export interface PulledMessage {
  readonly ackId: string;
  readonly changes: readonly AnnouncedChange[];
}

/** The messages of an answer; what is not an event of Secret Manager's changes nothing. */
export function pulledOf(answer: unknown): PulledMessage[] {
  const { receivedMessages } = fieldsOf(answer);
  const received: readonly unknown[] = Array.isArray(receivedMessages) ? receivedMessages : [];
  return received.flatMap((item) => {
    const { ackId, message } = fieldsOf(item);
    return typeof ackId === 'string' ? [{ ackId, changes: changesOf(fieldsOf(fieldsOf(message)['attributes'])) }] : [];
  });
}

/** Only by the attributes. https://cloud.google.com/secret-manager/docs/event-notifications */
function changesOf({ eventType, secretId, versionId }: Readonly<Record<string, unknown>>): AnnouncedChange[] {
  if (typeof eventType !== 'string' || !CHANGES.has(eventType)) return [];
  if (typeof secretId !== 'string' || !resourceName(secretId)) return [];
  // The number that was added is that of the latest version; of the others it says nothing.
  const version = eventType === 'SECRET_VERSION_ADD' ? resourceName(versionId)?.version : undefined;
  return [version === undefined ? secretId : { name: secretId, version }];
}
