import type { AnnouncedChange } from '../../../lib/core/source/change-listener.js';
import { awsEventOf } from '../../../lib/sources/aws/shared/aws-events.js';
import { RecentEvents } from '../../../lib/sources/aws/sqs-events/recent-events.js';
import { eventOf, notification, secretArn } from './events.js';

const SECRETS = 'secretsmanager.amazonaws.com';
const PARAMETERS = 'ssm.amazonaws.com';
const arn = secretArn('app/DB');

const changesIn = (event: unknown): readonly AnnouncedChange[] | undefined =>
  awsEventOf(typeof event === 'string' ? event : JSON.stringify(event))?.changes;

describe('what an event says', () => {
  it.each<[string, object, readonly AnnouncedChange[]]>([
    ['a label that has moved', eventOf.label('DB', 'v-1'), [{ name: 'DB', version: 'v-1' }]],
    [
      'the same with its ARN',
      eventOf.label('app/DB', 'v-1', 'AWSCURRENT', [arn]),
      [
        { name: arn, version: 'v-1' },
        { name: 'app/DB', version: 'v-1' },
      ],
    ],
    ['another label, whose version is none of the current one', eventOf.label('DB', 'v-1', 'blue'), ['DB']],
    ['a parameter that was changed', eventOf.parameter('/app/PORT'), ['/app/PORT']],
    ['a parameter that was deleted', eventOf.parameter('PORT', 'Delete'), ['PORT']],
    ['a parameter that has expired', eventOf.expired('/app/PORT'), ['/app/PORT']],
    ['a parameter that is to expire', eventOf.expired('/app/PORT', 'ExpirationNotification'), []],
    [
      'a value that was put, by its ARN, as until February 2024',
      eventOf.call(SECRETS, 'PutSecretValue', { secretId: 'app/DB' }, { aRN: arn }),
      [arn, 'app/DB'],
    ],
    [
      'a value that was put for a rotation under way',
      eventOf.call(SECRETS, 'PutSecretValue', { secretId: 'DB', versionStages: ['AWSPENDING'] }),
      [],
    ],
    [
      'a stage that was moved',
      eventOf.call(SECRETS, 'UpdateSecretVersionStage', {
        secretId: 'DB',
        versionStage: 'AWSCURRENT',
        moveToVersionId: 'v-2',
      }),
      [{ name: 'DB', version: 'v-2' }],
    ],
    ['a secret that was deleted', eventOf.call(SECRETS, 'DeleteSecret', { secretId: arn }, { arn }), [arn]],
    ['a secret that was created', eventOf.call(SECRETS, 'CreateSecret', { name: 'DB' }, { arn }), [arn, 'DB']],
    ['a rotation that has begun', eventOf.call(SECRETS, 'RotateSecret', { secretId: 'DB' }, { arn }), []],
    ['a reading', eventOf.call(SECRETS, 'GetSecretValue', { secretId: 'DB' }), []],
    [
      'a call that was refused',
      eventOf.call(SECRETS, 'PutSecretValue', { secretId: 'DB' }, {}, { errorCode: 'AccessDenied' }),
      [],
    ],
    [
      'a parameter that was put, by CloudTrail',
      eventOf.call(PARAMETERS, 'PutParameter', { name: '/app/PORT' }, { version: 7 }),
      [{ name: '/app/PORT', version: '7' }],
    ],
    ['parameters that were deleted', eventOf.call(PARAMETERS, 'DeleteParameters', { names: ['A', 'B'] }), ['A', 'B']],
    ['a call of another service', eventOf.call('s3.amazonaws.com', 'PutObject', { name: 'DB' }), []],
    ['a rotation that has succeeded', eventOf.service('RotationSucceeded', { SecretId: arn }), [arn]],
    ['a rotation that has failed', eventOf.service('RotationFailed', { SecretId: arn }), []],
    ['an event of another service', { source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change', detail: {} }, []],
    [
      'fields that nobody knows',
      { ...eventOf.label('DB', 'v-1'), more: { of: [1] } },
      [{ name: 'DB', version: 'v-1' }],
    ],
  ])('given %s, when it comes raw or in a notification, then that is announced', (_, event, changes) => {
    expect(changesIn(event)).toEqual(changes);
    expect(changesIn(notification(JSON.stringify(event)))).toEqual(changes);
  });

  it.each<[string, unknown]>([
    ['no JSON', 'DB'],
    ['nothing', ''],
    ['a number', '7'],
    ['null', 'null'],
    ['a list', '[]'],
    ['an object of something else', '{"name":"DB"}'],
    ['an event without detail', { source: 'aws.secretsmanager', 'detail-type': 'Secret Label Updated' }],
    ['an event whose source is none', { source: 7, 'detail-type': 'x', detail: {} }],
    ['a notification of no event', notification('hello')],
    [
      'a notification in a notification',
      notification(JSON.stringify(notification(JSON.stringify(eventOf.label('DB', 'v-1'))))),
    ],
  ])('given %s, when it comes, then it counts as malformed', (_, body) => {
    expect(changesIn(body)).toBeUndefined();
  });

  it.each([
    ['labels', { source: 'aws.secretsmanager', 'detail-type': 'Secret Label Updated', detail: { name: 7, labelUpdated: {}, versionId: [] }, resources: [{}] }], // prettier-ignore
    ['calls', { source: 'aws.ssm', 'detail-type': 'AWS API Call via CloudTrail', detail: { eventSource: PARAMETERS, eventName: 'PutParameter', requestParameters: null, responseElements: 'x' } }], // prettier-ignore
    ['resources', { ...eventOf.parameter('x'), detail: {}, resources: 'arn' }],
  ])(
    'given %s with fields of other types, when they come, then nothing is announced, and nothing throws',
    (_, event) => {
      expect(changesIn(event)).toEqual([]);
    },
  );

  it('given a confirmation that SNS asks for, when it comes, then it is not an event, and not malformed', () => {
    expect(changesIn({ ...notification(''), Type: 'SubscriptionConfirmation' })).toEqual([]);
    expect(awsEventOf(undefined)).toBeUndefined();
  });
});

describe('which events are news', () => {
  it('given copies and older ones, when they are asked for, then neither is; one of the same second is', () => {
    const recent = new RecentEvents();
    const of = (id: string, at: number, subject = 's') => recent.isNews({ id, at, subject, changes: [] }, id, 10_000);
    expect([of('1', 5_000), of('1', 5_000), of('2', 4_000), of('3', 5_000), of('4', 4_000, 'other')]).toEqual([
      true,
      false,
      false,
      true,
      true,
    ]);
    expect(recent.isNews({ changes: [] }, 'm-1', 10_000)).toBe(true);
    expect(recent.isNews({ changes: [] }, 'm-1', 10_000)).toBe(false);
    expect(recent.isNews({ changes: [] }, '', 10_000)).toBe(true);
    expect(recent.isNews({ changes: [] }, '', 10_000)).toBe(true);
  });

  it('given a hundred thousand, when they have come, then a thousand are remembered', () => {
    const recent = new RecentEvents();
    for (let n = 0; n < 100_000; n += 1)
      recent.isNews({ id: String(n), at: n, subject: String(n), changes: [] }, '', 10_000);
    expect(recent.isNews({ id: '99999', changes: [] }, '', 10_000)).toBe(false);
    expect(recent.isNews({ id: '98999', changes: [] }, '', 10_000)).toBe(true);
  });
});
