import { called as calledWith, type Called } from '../called.js';

/** All that commands of this file have printed: looked at for canaries at its end. */
export const printedSoFar: string[] = [];

/** One call of the command line within this process. */
export async function called(argv: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Called> {
  const answer = await calledWith(argv, { environment });
  printedSoFar.push(answer.out, answer.err);
  return answer;
}

/** Sources look at the environment of the process themselves: set until the function that comes back is called. */
export function withEnvironment(values: Readonly<Record<string, string>>): () => void {
  const before = { ...process.env };
  Object.assign(process.env, values);
  return () => {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  };
}
