// Values that must not turn up anywhere but where the program asks for them.
export const canaries = {
  clientSecret: 'canary-client-secret-f1d0',
  accessToken: 'canary-access-token-93be',
  first: 'canary-static-first-07aa',
  second: 'canary-static-second-18bb',
  user: 'canary-user-29cc',
  password: 'canary-password-3add',
  nextPassword: 'canary-password-next-4bee',
  dynamic: 'canary-dynamic-5cff',
  written: 'canary-written-6d00',
  inBody: 'canary-answer-body-7e11',
  fallback: 'canary-default-8f22',
  /** Of `second`: in Base64, as far as its length allows, and as V8 quotes it where it is not JSON. */
  encoded: 'Y2FuYXJ5LXN0YXRpYy1zZWNvbmQtMThi',
  quoted: '"canary-sta"...',
} as const;

export const seed = {
  clientId: 'client-id',
  clientSecret: canaries.clientSecret,
  organizationId: 'organization',
  projectId: 'project',
  apps: {
    web: {
      API_KEY: canaries.first,
      DB: JSON.stringify({ user: canaries.user, password: canaries.password, hosts: [{ name: 'db' }] }),
      AWS: { type: 'dynamic', values: { access_key_id: canaries.dynamic, secret_access_key: canaries.dynamic } },
      ROTATING: { type: 'rotating', values: { token: canaries.first } },
    },
  },
} as const;

export const rotatedDatabase = JSON.stringify({ user: canaries.user, password: canaries.nextPassword, hosts: [] });
