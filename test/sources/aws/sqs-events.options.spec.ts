import { regionOf } from '../../../lib/sources/aws/sqs-events/sqs-events.options.js';
import { sqsEvents } from '../../../lib/sources/aws/index.js';
import { queueNamesOf } from '../../../lib/sources/aws/sqs-events/own-queue.js';

const topicArn = 'arn:aws:sns:eu-west-1:123456789012:secrets';

describe('options of sqsEvents', () => {
  it.each<[string, object, string]>([
    ['neither a queue nor a topic', {}, '`queueUrl` and `from`'],
    ['both', { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/q', from: { topicArn } }, '`queueUrl` and `from`'],
    ['the name of a queue', { queueUrl: 'secrets' }, '`queueUrl`'],
    ['the ARN of a queue', { queueUrl: 'arn:aws:sqs:eu-west-1:123456789012:q' }, '`queueUrl`'],
    ['a URL with credentials', { queueUrl: 'https://a:canary@sqs.eu-west-1.amazonaws.com/1/q' }, '`queueUrl`'],
    ['a host alone', { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/' }, '`queueUrl`'],
    ['a FIFO topic', { from: { topicArn: `${topicArn}.fifo` } }, 'standard topic'],
    ['the ARN of something else', { from: { topicArn: 'arn:aws:sqs:eu-west-1:123456789012:q' } }, 'standard topic'],
    ['a topic without an ARN', { from: {} }, 'from.topicArn'],
    ['a prefix that is not a name', { from: { topicArn, queuePrefix: 'a b' } }, 'from.queuePrefix'],
    ['a client of one’s own', { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/q', client: {} }, 'client'],
    ['plain http', { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/q', endpoint: 'http://sqs.example' }, 'endpoint'],
    ['plain http of SNS', { from: { topicArn, endpoint: 'http://sns.example' } }, 'endpoint'],
  ])('given %s, when it is made, then it is refused by name', (_, options, named) => {
    const make = () => sqsEvents(options as never);
    expect(make).toThrow(
      expect.objectContaining({ code: 'SECRET_CONFIGURATION', message: expect.stringContaining(named) }),
    );
    expect(make).not.toThrow('canary');
  });

  it.each([
    [{ from: { topicArn } }, 'eu-west-1'],
    [{ queueUrl: 'https://sqs.eu-west-1.amazonaws.com/123456789012/q' }, 'eu-west-1'],
    [{ queueUrl: 'https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q' }, 'cn-north-1'],
    [{ queueUrl: 'https://sqs-fips.us-east-1.amazonaws.com/123456789012/q' }, 'us-east-1'],
    [{ queueUrl: 'https://sqs.eu-west-1.api.aws/123456789012/q' }, 'eu-west-1'],
    [{ queueUrl: 'http://localhost:4566/000000000000/q' }, undefined],
  ])(
    'given %j, when the region is asked for, then it is %s: what lies elsewhere than the app is signed for there',
    (options, region) => {
      expect(regionOf(options as never)).toBe(region);
    },
  );

  it('given two topics, when queues are named for them, then they begin differently, and leave room for whose they are', () => {
    const [one, other] = [queueNamesOf({ topicArn }), queueNamesOf({ topicArn: `${topicArn}2` })];
    expect(one).not.toBe(other);
    expect(queueNamesOf({ topicArn, queuePrefix: 'x'.repeat(30) }).length + 25 + 9).toBeLessThanOrEqual(80);
  });
});
