/** What a scrape of Prometheus has: the labels and values of each series, by the metric's name. */
export class Scrape {
  readonly #series = new Map<string, { readonly labels: ReadonlyMap<string, string>; readonly value: number }[]>();

  constructor(readonly text: string) {
    for (const line of text.split('\n')) {
      const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/.exec(line) ?? [];
      if (name === undefined) continue;
      const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key!, text!] as const);
      const series = { labels: new Map(pairs), value: Number(value) };
      this.#series.set(name, [...(this.#series.get(name) ?? []), series]);
    }
  }

  /** Over HTTP, as Prometheus does. */
  static async of(port: number): Promise<Scrape> {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    if (!response.ok) throw new Error(`the exporter answered ${response.status}`);
    return new Scrape(await response.text());
  }

  get names(): ReadonlySet<string> {
    return new Set(this.#series.keys());
  }

  labelsOf(name: string): ReadonlySet<string> {
    return new Set((this.#series.get(name) ?? []).flatMap(({ labels }) => [...labels.keys()]));
  }

  /** The sum of all series that have these labels; undefined where there are none. */
  value(name: string, labels: Record<string, string> = {}): number | undefined {
    const wanted = Object.entries(labels);
    const found = (this.#series.get(name) ?? []).filter(({ labels: has }) => wanted.every(([key, value]) => has.get(key) === value)); // prettier-ignore
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
  }
}
