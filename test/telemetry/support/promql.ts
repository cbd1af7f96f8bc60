import { parser } from '@prometheus-io/lezer-promql';

/** A metric that an expression reads, and the labels that it looks at there. */
export interface Selected {
  readonly metric: string;
  readonly labels: readonly string[];
}

export interface Expression {
  /** Where Prometheus would find a fault in it. */
  readonly faults: readonly string[];
  readonly selected: readonly Selected[];
  /** Labels by which it groups or matches. */
  readonly grouping: readonly string[];
}

/** An expression of PromQL as Prometheus's own grammar (that of its web page) reads it. */
export function expressionOf(text: string): Expression {
  const faults: string[] = [];
  const selected: { metric: string; labels: string[] }[] = [];
  const grouping: string[] = [];
  let isGrouping = false;
  parser.parse(text).iterate({
    enter({ name, type, from, to }) {
      const part = text.slice(from, to);
      if (type.isError) faults.push(`${from}: ${text.slice(Math.max(0, from - 20), to + 20)}`);
      if (name === 'GroupingLabels') isGrouping = true;
      if (name === 'VectorSelector') isGrouping = false;
      if (name === 'Identifier') selected.push({ metric: part, labels: [] });
      if (name !== 'LabelName') return;
      if (isGrouping) grouping.push(part);
      else selected.at(-1)?.labels.push(part);
    },
    leave({ name }) {
      if (name === 'GroupingLabels') isGrouping = false;
    },
  });
  return { faults, selected, grouping };
}
