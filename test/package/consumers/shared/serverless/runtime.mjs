// What a platform does with a function's bundle: loads it, and hands it one call after another; here each line of stdin is one, and each line of stdout its answer.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

// Counted before the bundle is loaded: how many timers fire tells of a storm after a pause.
let fired = 0;
const { setTimeout: original } = globalThis;
globalThis.setTimeout = Object.assign(
  (callback, delay, ...given) => original((...all) => (fired++, callback(...all)), delay, ...given),
  original,
);
const rejections = [];
process.on('unhandledRejection', (reason) => rejections.push(String(reason?.code ?? reason?.name)));

const loaded = await import(pathToFileURL(process.argv[2]).href);
const { handler, end } = loaded.handler ? loaded : loaded.default;
for await (const line of createInterface({ input: process.stdin })) {
  const before = fired;
  if (line === 'end') {
    await end();
    break;
  }
  const answer = await handler(line).catch(({ name, code }) => ({ failed: [name, code] }));
  console.log(JSON.stringify({ ...answer, rejections, fired: fired - before }));
}
