import type { Labels } from '../../model/labels.ts';
import type { VectorMatching } from '../ast.ts';
import { schemaLabels } from '../drop-names.ts';
import type { QueryFeature } from '../query-options.ts';

/** Tells which series of two vectors belong together. */
export interface Signature {
  /** Equal for label sets that match each other, and only for those. */
  key(labels: Labels): string;
  /** The labels that match: what `key` stands for. */
  labels(labels: Labels): Labels;
}

export function signatureOf({ on, labels: names }: VectorMatching, features: ReadonlySet<QueryFeature>): Signature {
  const listed = new Set(names);
  if (on) {
    const sorted = [...listed].sort();
    return {
      key: (labels) => sorted.map((name) => labels.get(name)).join('\ud800'),
      labels: (labels) => labels.keep(listed),
    };
  }
  const ignored = new Set([...names, ...schemaLabels(features)]);
  const rest = (labels: Labels) => labels.filter((name) => !ignored.has(name));
  return { key: (labels) => rest(labels).key, labels: rest };
}

/** Labels as Prometheus prints them in errors of matching: `{__name__="up", job="api"}`. */
export function formatLabels(labels: Labels): string {
  return `{${[...labels].map(({ name, value }) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
}
