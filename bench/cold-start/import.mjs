// One process: what loading one thing takes on top of Nest itself, in milliseconds of CPU time. Arguments: `import` or `require`, and a package or file.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [way, target] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const importing = (name) => import(name.startsWith('/') ? pathToFileURL(name).href : name);
const load = way === 'import' ? importing : async (name) => require(name);
for (const nest of ['reflect-metadata', '@nestjs/common', '@nestjs/core']) await load(nest);
const before = process.cpuUsage();
await load(target);
const { user, system } = process.cpuUsage(before);
console.log((user + system) / 1000);
