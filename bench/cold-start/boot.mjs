// One process: boots an app some times, and prints as JSON the CPU time of its decorators (`declared`), of the first boot
// with them, and of the best later one, in milliseconds.
// Arguments: the way, the shape as JSON, how many boots.
import { declareApp, start } from './app.mjs';

const [way, shape, boots] = [process.argv[2], JSON.parse(process.argv[3]), Number(process.argv[4])];
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

// What loading has left is collected first: else its collection falls into the one way's time, and not the other's.
globalThis.gc?.();
const times = [];
const begin = cpu();
const { AppModule, Consumer } = declareApp(way, shape);
const declared = cpu() - begin;
let since = begin; // what the decorators take is part of the first boot
for (let i = 0; i < boots; i += 1) {
  const app = await start(AppModule, { Consumer, ...shape });
  times.push(cpu() - since);
  await app.close();
  globalThis.gc?.();
  since = cpu();
}
const [first, ...later] = times;
console.log(JSON.stringify({ declared, first, later: Math.min(...later) }));
