const WINDOW_MS = 120_000;

/** What PromQL finds of a metric. */
export interface Stored {
  /** By `SHARD@TIMESTAMP`. */
  readonly values: ReadonlyMap<string, number>;
  /** Samples of one shard and time that stand in more than one series. */
  readonly doubled: number;
}

/** Reads raw samples by range selectors, window after window, over the times of the keys given and a little more. */
export async function readStored(url: string, metric: string, keys: Iterable<string>): Promise<Stored> {
  const times = [...keys].map((key) => Number(key.split('@')[1]));
  const [first, last] = times.reduce(([low, high], time) => [Math.min(low, time), Math.max(high, time)], [Infinity, 0]);
  const values = new Map<string, number>();
  let doubled = 0;
  for (let end = first + WINDOW_MS - 1; end - WINDOW_MS < last + WINDOW_MS; end += WINDOW_MS) {
    for (const { metric: labels, values: samples } of await matrix(url, `${metric}[${WINDOW_MS}ms]`, end)) {
      for (const [time, value] of samples) {
        const timestamp = Math.round(time * 1000);
        // Whether a window includes its start is a matter of PromQL's version.
        if (timestamp <= end - WINDOW_MS) continue;
        const key = `${labels['shard']}@${timestamp}`;
        if (values.has(key)) doubled++;
        values.set(key, Number(value));
      }
    }
  }
  return { values, doubled };
}

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: number, value: string])[];
}

async function matrix(url: string, query: string, time: number): Promise<readonly Series[]> {
  const parameters = new URLSearchParams({ query, time: String(time / 1000) });
  const response = await fetch(`${url}/api/v1/query?${parameters}`);
  const body = await response.text();
  if (!response.ok) throw new Error(`cannot read ${query} at ${time}: ${response.status}: ${body}`);
  return (JSON.parse(body) as { data: { result: Series[] } }).data.result;
}
