// What does the package keep of a secret beside its value?
import { runInNewContext } from 'node:vm';
import v8 from 'node:v8';
import { names, preparedSource, startApp, states } from './app.mjs';

v8.setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

async function heap() {
  for (let i = 0; i < 4; i += 1) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage().heapUsed;
}

/** Bytes that an app with so many required secrets takes, over its source with all names and values. */
async function taken(count) {
  const required = names(count);
  const source = preparedSource(states(required, 'a'), false);
  const before = await heap();
  const { client, close } = await startApp({ source, required, cache: { maxAge: '1d' } });
  for (const name of required) client.get(name);
  const bytes = (await heap()) - before;
  await close();
  return bytes;
}

/** Bytes a secret: the slope between two numbers of secrets, so that what an app costs by itself is left out. */
export async function measureMemory(few, many) {
  await taken(few);
  const small = await taken(few);
  const large = await taken(many);
  return (large - small) / (many - few);
}
