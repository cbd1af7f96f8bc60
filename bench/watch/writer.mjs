// Writes Secrets, each a second apart at least, and asks the app over and over meanwhile. Time is the wall clock of the machine, which both processes share.
//   node writer.mjs URL CA-FILE-TEXT(base64) APP-PORT SECRETS ROUNDS
import { Buffer } from 'node:buffer';
import { Agent as HttpAgent, get } from 'node:http';
import { Agent, request } from 'undici';
import { TOKEN } from './server.mjs';

const [, , url, ca, port, secrets, rounds] = process.argv;
const dispatcher = new Agent({ connect: { ca: Buffer.from(ca, 'base64').toString() } });
const pause = (delay) => new Promise((resolve) => setTimeout(resolve, delay));
const now = () => performance.timeOrigin + performance.now();

async function patch(name, round) {
  const value = Buffer.from(JSON.stringify({ round, at: now() })).toString('base64');
  const { statusCode, body } = await request(`${url}/api/v1/namespaces/default/secrets/${name}`, {
    dispatcher,
    method: 'PATCH',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/merge-patch+json' },
    body: JSON.stringify({ data: { written: value } }),
  });
  await body.dump();
  if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
}

let isOver = false;
let asked = 0;
const agent = new HttpAgent({ keepAlive: true, maxSockets: 8 });
const ask = () =>
  new Promise((resolve, reject) => get({ port, host: '127.0.0.1', agent }, (answer) => answer.resume().on('end', resolve)).on('error', reject)); // prettier-ignore
const asking = Array.from({ length: 8 }, async () => {
  while (!isOver) {
    await ask();
    asked += 1;
    await pause(2);
  }
});
const write = async (index) => {
  await pause((index * 1000) / secrets);
  for (let round = 1; round <= rounds; round += 1) {
    await patch(`s-${index}`, round);
    await pause(1_100);
  }
};
await Promise.all(Array.from({ length: Number(secrets) }, (_, index) => write(index)));
isOver = true;
await Promise.all(asking);
await pause(1_500);
console.log(JSON.stringify({ asked }));
agent.destroy();
await dispatcher.destroy();
