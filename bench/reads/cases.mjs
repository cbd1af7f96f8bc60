// What is read, and what it is compared with: see README.md.
import { LRUCache } from 'lru-cache';
import { INSTANCES, NAMES, startApp, Untouched } from './app.mjs';
import { asyncLoop, syncLoop } from './measure.mjs';
import { powertoolsReader } from './powertools/reader.mjs';

const PROPERTY = 'subject.key.length';
const NEIGHBOUR = 'subject.neighbour.length';
const WRITE = "(subject.neighbour = i & 1 ? 'one' : 'other', 1)";

/** Groups of cases; the first of a group is what the others are compared with. `limit` is the ratio that a case must keep to. */
export async function makeGroups() {
  const { app, instances, client, ref, config, values } = await startApp();
  const untouched = Array.from({ length: INSTANCES }, () => new Untouched());
  const map = new Map(Object.entries(values));
  const lru = new LRUCache({ max: 1024, ttl: 60_000 });
  for (const [name, value] of map) lru.set(name, value);
  const powertools = await powertoolsReader(values);

  const sync = (name, expression, subjects, limit) => ({ name, loop: syncLoop(expression), subjects, limit });
  const named = (read) => NAMES.map((name) => ({ name, read, path: `secrets.${name}`, plain: `plain.${name}` }));
  const later = (name, read) => ({ name, loop: asyncLoop('subject.read(subject.name)'), subjects: named(read) });
  // Many instances have no limit: each has a hidden class of its own (README.md), which no way of reading can make up for.
  const property = (title, some, limits) => ({
    title,
    cases: [
      sync('plain field', PROPERTY, untouched.slice(0, some)),
      sync('live property', PROPERTY, instances.slice(0, some), limits.live),
      sync('neighbour of a live property', NEIGHBOUR, instances.slice(0, some), limits.neighbour),
    ],
  });
  const writing = (title, some, limits) => ({
    title,
    cases: [
      sync('write to a plain field', WRITE, untouched.slice(0, some)),
      sync('write to a neighbour of a live property', WRITE, instances.slice(0, some), limits.neighbour),
    ],
  });
  const LIMITS = { live: 1.5, neighbour: 1.2 };
  const groups = [
    property('one instance', 1, LIMITS),
    property(`${INSTANCES} instances`, INSTANCES, {}),
    writing('one instance, writing', 1, LIMITS),
    writing(`${INSTANCES} instances, writing`, INSTANCES, {}),
    {
      title: 'by name, from memory',
      cases: [
        sync('Map.get', 'subject.read.get(subject.name).length', named(map)),
        sync('client.get', 'subject.read.get(subject.name).length', named(client), 4),
        sync(
          'client.get of a field',
          "subject.get('DB', FIELD).length".replace('FIELD', "{ field: 'values.password' }"),
          [client],
        ),
        sync('SecretRef.value', 'subject.value.length', [ref]),
        sync('lru-cache get', 'subject.read.get(subject.name).length', named(lru)),
      ],
    },
    {
      title: 'through ConfigService',
      cases: [
        sync('a plain value', 'subject.read.get(subject.plain).length', named(config)),
        sync('a secret', 'subject.read.get(subject.path).length', named(config)),
      ],
    },
    {
      title: 'awaited',
      cases: [
        later('an async function around Map.get', async (name) => map.get(name)),
        later('client.fetch', (name) => client.fetch(name)),
        ...(powertools ? [later('AWS Powertools getSecret, cached', powertools)] : []),
      ],
    },
  ];
  return { groups, instances, untouched, powertools: powertools !== undefined, close: () => app.close() };
}
