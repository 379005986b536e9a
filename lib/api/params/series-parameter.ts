import { Labels } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { invalidParameter } from '../api-error.ts';
import { parseSelector } from './selectors.ts';

/**
 * The selector of the parameter `series`.
 *
 * @throws ApiError where it is missing or cannot be read
 */
export function selectorOf(text: string): readonly Matcher[] {
  if (text === '') {
    throw invalidParameter('series', 'is missing; give a series, such as asserts:request:total{job="api"}');
  }
  try {
    return parseSelector(text);
  } catch (error) {
    throw invalidParameter('series', (error as Error).message);
  }
}

/** The series that a selector spells out; undefined where it leaves something open. */
export function seriesOf(matchers: readonly Matcher[]): Labels | undefined {
  if (matchers.some(({ type }) => type !== '=')) return undefined;
  const labels = Labels.from(matchers);
  return labels.metricName === '' ? undefined : labels;
}
