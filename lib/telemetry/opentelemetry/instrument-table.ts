/** One instrument, as it is registered. Units are those of UCUM; what is counted stands in braces. */
export interface Described {
  readonly name: `secret.client.${string}`;
  readonly kind: 'counter' | 'histogram' | 'gauge' | 'updowncounter';
  readonly unit: string;
  readonly description: string;
  /** Of a histogram: without them all seconds below 5 would be one bucket. */
  readonly bounds?: readonly number[];
}

/** Of one request to a backend. */
const CALLS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Of what takes as long as readings are apart, where nobody announces changes. */
const LAGS = [0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 1_800, 3_600, 21_600];

/** What is recorded as it happens. */
export const RECORDED = {
  operationDuration: {
    name: 'secret.client.operation.duration',
    kind: 'histogram',
    unit: 's',
    description: 'How long calls of the source take.',
    bounds: CALLS,
  },
  operationSecrets: {
    name: 'secret.client.operation.secrets',
    kind: 'counter',
    unit: '{secret}',
    description: 'Secrets that the source was asked for by name, by what came of it.',
  },
  bootstrapDuration: {
    name: 'secret.client.bootstrap.duration',
    kind: 'histogram',
    unit: 's',
    description: 'How long first loads take.',
    bounds: CALLS,
  },
  rotations: {
    name: 'secret.client.rotations',
    kind: 'counter',
    unit: '{rotation}',
    description: 'Values that were replaced by another one.',
  },
  rotationLag: {
    name: 'secret.client.rotation.lag',
    kind: 'histogram',
    unit: 's',
    description: 'From the creation, the announcement or the arrival of a version until its last consumer has it.',
    bounds: LAGS,
  },
  refusals: {
    name: 'secret.client.refusals',
    kind: 'counter',
    unit: '{refusal}',
    description: 'Values that were kept out by a schema, a hook, or for a field that is missing.',
  },
  rejections: {
    name: 'secret.client.rejections',
    kind: 'counter',
    unit: '{rejection}',
    description: 'Secrets that the other side has refused.',
  },
  swapDuration: {
    name: 'secret.client.resource.swap.duration',
    kind: 'histogram',
    unit: 's',
    description: 'How long it takes to build and validate the successor of a rotating resource.',
    bounds: CALLS,
  },
  drainDuration: {
    name: 'secret.client.resource.drain.duration',
    kind: 'histogram',
    unit: 's',
    description: 'How long work with a replaced resource goes on.',
    bounds: LAGS,
  },
  cacheRequests: {
    name: 'secret.client.cache.requests',
    kind: 'counter',
    unit: '{secret}',
    description: 'Secrets that a shared cache was asked for, by what it had.',
  },
  catches: {
    name: 'secret.client.guard.catches',
    kind: 'counter',
    unit: '{catch}',
    description: 'Values that a guard has masked on their way out: each is a leak to be mended.',
  },
  events: {
    name: 'secret.client.events',
    kind: 'counter',
    unit: '{event}',
    description: 'What became of secrets, leases, sessions, channels and caches, as the client tells in events$.',
  },
} as const satisfies Record<string, Described>;

/** What is looked up when somebody collects. */
export const OBSERVED = {
  secrets: {
    name: 'secret.client.secrets',
    kind: 'updowncounter',
    unit: '{secret}',
    description: 'Secrets, by how they stand.',
  },
  valueAge: {
    name: 'secret.client.value.age',
    kind: 'gauge',
    unit: 's',
    description: 'How long ago the source gave the oldest value in use.',
  },
  leases: {
    name: 'secret.client.leases',
    kind: 'updowncounter',
    unit: '{lease}',
    description: 'Leases in use.',
  },
  leaseRemaining: {
    name: 'secret.client.lease.remaining',
    kind: 'gauge',
    unit: 's',
    description: 'Until the next lease ends, unless it is renewed.',
  },
  sessionUp: {
    name: 'secret.client.session.up',
    kind: 'updowncounter',
    unit: '{session}',
    description: '1 while the last login or renewal of the source went well, else 0.',
  },
  sessionRemaining: {
    name: 'secret.client.session.remaining',
    kind: 'gauge',
    unit: 's',
    description: 'Until the token of the source ends, unless it is renewed.',
  },
  sourceAnswerAge: {
    name: 'secret.client.source.answer.age',
    kind: 'gauge',
    unit: 's',
    description: 'How long ago the source answered.',
  },
  sourceFailures: {
    name: 'secret.client.source.failures',
    kind: 'updowncounter',
    unit: '{failure}',
    description: 'Calls of the source that failed in a row; 0 after one that went well.',
  },
  channelUp: {
    name: 'secret.client.channel.up',
    kind: 'updowncounter',
    unit: '{channel}',
    description: '1 while whoever announces changes is heard, else 0.',
  },
  cacheUp: {
    name: 'secret.client.cache.up',
    kind: 'updowncounter',
    unit: '{cache}',
    description: '1 while a shared cache works, else 0.',
  },
  paused: {
    name: 'secret.client.paused',
    kind: 'updowncounter',
    unit: '{connection}',
    description: '1 while scheduled and announced readings are paused, else 0.',
  },
  resources: {
    name: 'secret.client.resources',
    kind: 'updowncounter',
    unit: '{resource}',
    description: 'Rotating resources, by how they stand.',
  },
  draining: {
    name: 'secret.client.resources.draining',
    kind: 'updowncounter',
    unit: '{resource}',
    description: 'Replaced resources that work still goes on with.',
  },
} as const satisfies Record<string, Described>;

export type RecordedName = keyof typeof RECORDED;
export type ObservedName = keyof typeof OBSERVED;
