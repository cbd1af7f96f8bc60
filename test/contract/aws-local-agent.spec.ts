import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { awsLocalAgent } from '../../lib/sources/aws/index.js';
import { describeSecretSource } from '../../lib/testing/contract/index.js';
import { startAgent } from '../sources/support/aws-agent.js';
import { stopServers } from '../sources/support/server.js';
import { startGate } from './support/gate.js';
import { removeFolders, temporaryFolder } from './support/temporary-folder.js';

afterAll(removeFolders);

const token = 'canary-contract-agent-token-61c0';

describeSecretSource(
  'aws-local-agent',
  async (values) => {
    const agent = await startAgent(token, values);
    const gate = await startGate(agent.url, {
      down: { status: 503, body: {} },
      throttled: { status: 429, body: {} },
    });
    const tokenFile = join(temporaryFolder(), 'token');
    writeFileSync(tokenFile, token);
    return {
      source: awsLocalAgent({ port: Number(new URL(gate.url).port), tokenFile }),
      rotate: agent.put,
      remove: agent.remove,
      spoil: (name) => agent.put(name, '{"n":1e999}'),
      fail: gate.fail,
      recover: gate.recover,
      requests: gate.requests,
      throttle: gate.throttle,
      credentials: [token],
      dispose: stopServers,
    };
  },
  {
    values: ['text', 'object', 'bytes'],
    names: ['with/path', 'a+b=c', 'mail@host', 'dots.and-dashes_', 'rds!cluster-1'],
    without: ['list', 'readAll', 'watch', 'write'],
  },
);
