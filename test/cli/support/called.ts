import { run } from '../../../lib/cli/run.js';

export interface Called {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** All that commands of this file have printed: looked at for canaries at its end. */
export const printedSoFar: string[] = [];

/** One call of the command line within this process. */
export async function called(argv: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Called> {
  let [out, err] = ['', ''];
  const output = {
    out: (text: string | Uint8Array) => void (out += Buffer.from(text as Uint8Array).toString('utf8')),
    err: (text: string) => void (err += text),
  };
  const code = await run(argv, output, { environment });
  printedSoFar.push(out, err);
  return { code, out, err };
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
