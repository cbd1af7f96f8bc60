/** One thing that has to hold in an app of any version of Nest that we take: a test in plain code, so that each consumer runs it as its compiler emits it. */
export interface Row {
  /** given …, when …, then … */
  readonly title: string;
  run(): Promise<void>;
}

export const row = (title: string, run: () => Promise<void>): Row => ({ title, run });
