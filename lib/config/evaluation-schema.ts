import type { z } from 'zod';
import { DEFAULT_EVALUATION, type EvaluationSettings } from '../pipeline/evaluate/evaluation-settings.ts';
import { RATE_WINDOW_MS } from '../plan/widen-windows.ts';
import { parseDuration } from '../promql/duration.ts';
import { closedMap, durationText } from '../rules/shapes.ts';

/** The `evaluation` section of tributary.yml. */
export const EVALUATION_SCHEMA = closedMap({
  interval: durationText
    .describe('Between two evaluations of groups that name no interval of their own. Default 1m.')
    .optional(),
  delay: durationText
    .describe('How long after its time an evaluation runs, so that all samples have arrived. Default 1m.')
    .optional(),
  max_catch_up: durationText
    .describe('How far back evaluations are made up for after an outage. Default 1h.')
    .optional(),
  widest_window: durationText
    .describe(
      'How far back rates of packs look for series with fewer than two samples in five minutes: four times the longest scrape interval. Every evaluation reads as much. Default 5m: such series have no rate.',
    )
    .optional(),
});

/** The settings with every default filled in. */
export function evaluationSettings(written: z.infer<typeof EVALUATION_SCHEMA> = {}): EvaluationSettings {
  const ms = (text: string | undefined, absent: number) =>
    text === undefined ? absent : (parseDuration(text) ?? absent);
  return {
    interval: ms(written.interval, DEFAULT_EVALUATION.interval),
    delay: ms(written.delay, DEFAULT_EVALUATION.delay),
    maxCatchUp: ms(written.max_catch_up, DEFAULT_EVALUATION.maxCatchUp),
    ...(written.widest_window !== undefined && { widestWindow: ms(written.widest_window, RATE_WINDOW_MS) }),
  };
}

/** What no evaluator could work with, and the key it stands under. */
export function evaluationProblem({
  interval,
  maxCatchUp,
  widestWindow = RATE_WINDOW_MS,
}: EvaluationSettings): { readonly key: string; readonly message: string } | undefined {
  if (interval < 1000) return { key: 'interval', message: 'must be at least 1s' };
  if (widestWindow < RATE_WINDOW_MS) return { key: 'widest_window', message: 'must not be less than 5m' };
  return maxCatchUp < interval ? { key: 'max_catch_up', message: 'must not be less than interval' } : undefined;
}
