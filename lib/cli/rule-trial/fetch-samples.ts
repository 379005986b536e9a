import type { Labels } from '../../model/labels.ts';
import { formatDuration } from '../../promql/duration.ts';
import type { QueryAnswer } from '../../remote/query-answer.ts';

/** Evaluates an expression at a time (ms) on some server. */
export type AskInstant = (expr: string, time: number) => Promise<QueryAnswer>;

/** Stored samples of one series. */
export interface FetchedSeries {
  readonly labels: Labels;
  readonly samples: readonly { readonly timestamp: number; readonly value: number }[];
}

/** Answers of this much time each stay within what a server, and a Lambda function, returns. */
const PIECE_MS = 10 * 60_000;

/**
 * The samples as they are stored, of what a selector finds in (start, end] (ms). A range of an instant query gives them
 * with their own times, piece by piece. Stale markers do not show in answers.
 */
export async function fetchSamples(
  ask: AskInstant,
  selector: string,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<readonly FetchedSeries[]> {
  const found = new Map<string, { labels: Labels; samples: { timestamp: number; value: number }[] }>();
  for (let from = start; from < end; from += PIECE_MS) {
    const to = Math.min(end, from + PIECE_MS);
    const { series } = await ask(`${selector}[${formatDuration(to - from)}]`, to);
    for (const { labels, timestamps, values } of series) {
      const known = found.get(labels.key) ?? { labels, samples: [] };
      found.set(labels.key, known);
      for (let i = 0; i < timestamps.length; i++) {
        const timestamp = timestamps[i] as number;
        // Prometheus 2 counts the left end of a window as well.
        if (timestamp > from) known.samples.push({ timestamp, value: values[i] as number });
      }
    }
  }
  return [...found.values()];
}
