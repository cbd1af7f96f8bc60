// Runs in every test file. Fixtures write secrets, tokens and client secrets as `canary-…`: none may end up in process.env.
// HCP_*, VAULT_* and AWS_* are what users put there themselves, and some tests do as they do.
import { afterAll, expect } from '@jest/globals';

const given = /^(HCP|VAULT|AWS)_/;

afterAll(() => {
  const leaked = Object.keys(process.env).filter((name) => !given.test(name) && /canary-/i.test(process.env[name]));
  expect(leaked).toEqual([]);
});
