import { parseDuration } from '../../../lib/promql/notation/durations.ts';
import type { EvalTimes } from './script.ts';

/** `eval_fail`, `eval_warn` …: the older way to say what `expect` lines say. */
export type LegacyEval = 'fail' | 'warn' | 'info' | 'ordered';

export interface EvalHeader {
  readonly legacy: LegacyEval | undefined;
  readonly times: EvalTimes;
  readonly expression: string;
}

const INSTANT = /^eval(?:_(fail|warn|info|ordered))?\s+instant\s+(?:at\s+(\S+)\s+)?(.+)$/;
const RANGE = /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)$/;

/** Reads `eval instant at T EXPR` or `eval range from A to B step S EXPR`. */
export function parseEvalHeader(text: string): EvalHeader {
  const instant = INSTANT.exec(text);
  if (instant !== null) {
    const [, legacy, time = '0', expression = ''] = instant;
    return {
      legacy: legacy as LegacyEval | undefined,
      times: { kind: 'instant', time: parseDuration(time) },
      expression,
    };
  }
  const range = RANGE.exec(text);
  if (range === null) throw new Error('expected eval instant at T EXPR or eval range from A to B step S EXPR');
  const [, legacy, from = '', to = '', every = '', expression = ''] = range;
  const [start, end, step] = [parseDuration(from), parseDuration(to), parseDuration(every)];
  if (end < start) throw new Error(`the range ends (${to}) before it starts (${from})`);
  if (step <= 0) throw new Error(`the step must be positive, not ${every}`);
  return { legacy: legacy as LegacyEval | undefined, times: { kind: 'range', start, end, step }, expression };
}
