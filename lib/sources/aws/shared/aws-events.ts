import type { AnnouncedChange } from '../../../core/source/change-listener.js';

/** What a message says of secrets, whoever sent it. */
export interface AwsEvent {
  /** The same in each copy of it. */
  readonly id?: string | undefined;
  /** Names and ARNs; none where it is of something else, or no change that can be read. */
  readonly changes: readonly AnnouncedChange[];
  /** What an older event of the same is nothing beside a newer one of. */
  readonly subject?: string | undefined;
  /** Milliseconds since 1970, to the second. */
  readonly at?: number | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const NONE: readonly AnnouncedChange[] = [];

/** The stage of which an event tells the version that readers get. */
const CURRENT = 'AWSCURRENT';

/**
 * What the body of a message says: an event of EventBridge's, by itself or in a notification of SNS. Undefined where it is neither. Never throws.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/secret-event-notifications.html
 * https://docs.aws.amazon.com/systems-manager/latest/userguide/monitoring-systems-manager-event-examples.html
 */
export function awsEventOf(body: unknown): AwsEvent | undefined {
  const outer = objectIn(body);
  if (!outer) return undefined;
  if (typeof outer['Type'] !== 'string' || typeof outer['TopicArn'] !== 'string') return eventOf(outer);
  // Of SNS: what asks for a confirmation, or confirms an end, changes nothing.
  if (outer['Type'] !== 'Notification') return { changes: NONE };
  const inner = objectIn(outer['Message']);
  return inner && eventOf(inner);
}

function eventOf(event: Fields): AwsEvent | undefined {
  const source = text(event['source']);
  const type = text(event['detail-type']);
  const detail = fields(event['detail']);
  if (source === undefined || type === undefined || !detail) return undefined;
  const at = Date.parse(text(event['time']) ?? '');
  const about = { id: text(event['id']), ...(Number.isFinite(at) && { at }) };
  const [arn] = Array.isArray(event['resources']) ? (event['resources'] as unknown[]).map(text) : [];
  if (source === 'aws.secretsmanager' && type === 'Secret Label Updated') return { ...about, ...labelled(detail, arn) };
  if (source === 'aws.ssm' && type.startsWith('Parameter Store')) return { ...about, changes: parameter(detail, type) };
  if (type === 'AWS API Call via CloudTrail') return { ...about, changes: called(detail) };
  if (type === 'AWS Service Event via CloudTrail') return { ...about, changes: rotated(detail) };
  return { ...about, changes: NONE };
}

/** A stage has moved to a version. Where it is not the current one, it is for those who read that stage: the version says nothing of the others. */
function labelled(detail: Fields, arn: string | undefined): Pick<AwsEvent, 'changes' | 'subject'> {
  const name = text(detail['name']);
  const label = text(detail['labelUpdated']);
  const version = label === CURRENT ? text(detail['versionId']) : undefined;
  return { changes: changesOf([arn, name], version), subject: JSON.stringify([arn ?? name, label]) };
}

function parameter(detail: Fields, type: string): readonly AnnouncedChange[] {
  if (type === 'Parameter Store Change') return changesOf([text(detail['name'])]);
  // What has expired is deleted; the other policies only remind of something.
  const isOver = type === 'Parameter Store Policy Action' && detail['policy-type'] === 'Expiration';
  return isOver ? changesOf([text(detail['parameter-name'])]) : NONE;
}

const SECRET_CALLS = new Set([
  'CreateSecret',
  'DeleteSecret',
  'PutSecretValue',
  'RestoreSecret',
  'UpdateSecret',
  'UpdateSecretVersionStage',
]);
const PARAMETER_CALLS = new Set(['DeleteParameter', 'DeleteParameters', 'LabelParameterVersion', 'PutParameter']);

/** A call that somebody made, as CloudTrail records it. RotateSecret is none of them: it has begun something, and another call ends it. */
function called(detail: Fields): readonly AnnouncedChange[] {
  if (detail['errorCode'] !== undefined) return NONE;
  const by = text(detail['eventSource']);
  const call = text(detail['eventName']) ?? '';
  const asked = fields(detail['requestParameters']) ?? {};
  const answered = fields(detail['responseElements']) ?? {};
  if (by === 'secretsmanager.amazonaws.com' && SECRET_CALLS.has(call)) {
    const stages = asked['versionStages'];
    if (call === 'PutSecretValue' && Array.isArray(stages) && !stages.includes(CURRENT)) return NONE; // of a rotation under way
    const isMoved = call === 'UpdateSecretVersionStage' && asked['versionStage'] === CURRENT;
    const version = isMoved ? text(asked['moveToVersionId']) : undefined;
    // `aRN` until February 2024.
    const names = [answered['arn'], answered['aRN'], answered['ARN'], asked['secretId'], asked['name']];
    return changesOf(names.map(text), version);
  }
  if (by !== 'ssm.amazonaws.com' || !PARAMETER_CALLS.has(call)) return NONE;
  const version = call === 'PutParameter' && typeof answered['version'] === 'number' ? answered['version'] : undefined;
  const names = Array.isArray(asked['names']) ? (asked['names'] as unknown[]) : [asked['name']];
  return changesOf(names.map(text), version === undefined ? undefined : String(version));
}

/** A rotation that AWS has done itself. */
function rotated(detail: Fields): readonly AnnouncedChange[] {
  const isDone =
    detail['eventSource'] === 'secretsmanager.amazonaws.com' && detail['eventName'] === 'RotationSucceeded';
  const about = fields(detail['additionalEventData']) ?? {};
  return isDone ? changesOf([text(about['SecretId']) ?? text(about['secretId'])]) : NONE;
}

function changesOf(names: readonly (string | undefined)[], version?: string): readonly AnnouncedChange[] {
  const known = [...new Set(names.filter((name) => name !== undefined && name !== ''))] as string[];
  return known.map((name) => (version === undefined ? name : { name, version }));
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const fields = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;

function objectIn(value: unknown): Fields | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return fields(JSON.parse(value));
  } catch {
    return undefined;
  }
}
