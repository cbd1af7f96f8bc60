// One process: prints the CPU time that an instance of a request-scoped class with two secrets takes, in each way, in microseconds, as JSON.
// Arguments: how many of the two are parameters of the constructor; the others are properties.
// Rounds of both ways by turns, so that a busy moment hits both; the least counts.
import { Scope } from '@nestjs/common';
import { ContextIdFactory } from '@nestjs/core';
import { declareApp, start } from './app.mjs';

const ROUNDS = 15;
const REQUESTS = 2_000;
const parameters = Number(process.argv[2]);
const shape = { classes: 1, parameters, properties: 2 - parameters, names: 2, scope: Scope.REQUEST };

async function makeRound(way) {
  const { AppModule, Consumer } = declareApp(way, shape);
  const app = await start(AppModule, { Consumer, ...shape });
  const round = async () => {
    const { user, system } = process.cpuUsage();
    for (let i = 0; i < REQUESTS; i += 1) await app.resolve(Consumer, ContextIdFactory.create());
    const took = process.cpuUsage({ user, system });
    return (took.user + took.system) / REQUESTS;
  };
  return { round, close: () => app.close() };
}

const ways = { plain: await makeRound('plain'), secrets: await makeRound('secrets') };
const best = { plain: Infinity, secrets: Infinity };
for (let i = 0; i < ROUNDS; i += 1) {
  for (const way of Object.keys(ways)) best[way] = Math.min(best[way], await ways[way].round());
}
for (const { close } of Object.values(ways)) await close();
console.log(JSON.stringify(best));
