import type { PageExemplar } from './page-parser.ts';

/** Runes that the names and values of an exemplar's labels may have together (OpenMetrics 1.0). */
const MAX_EXEMPLAR_RUNES = 128;

/** Whether an exemplar is one that Prometheus would refuse to store for its length. */
export function isTooLong({ labels }: PageExemplar): boolean {
  return labels.reduce((sum, { name, value }) => sum + runes(name) + runes(value), 0) > MAX_EXEMPLAR_RUNES;
}

function runes(text: string): number {
  return [...text].length;
}
