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
  return on ? signatureOn(names) : signatureWithout(names, features);
}

/** By the labels named. Its keys are made of values alone, so that most are a label's value as it stands. */
export function signatureOn(names: readonly string[]): Signature {
  const listed = new Set(names);
  const [only, ...others] = [...listed].sort();
  const labels = (all: Labels) => all.keep(listed);
  if (only === undefined) return { key: () => '', labels };
  if (others.length === 0) return { key: (all) => all.get(only), labels };
  return { key: (all) => others.reduce((key, name) => `${key}\ud800${all.get(name)}`, all.get(only)), labels };
}

/** By all labels but those named and those that name the metric. */
export function signatureWithout(names: readonly string[], features: ReadonlySet<QueryFeature>): Signature {
  const ignored = new Set([...names, ...schemaLabels(features)]);
  const rest = (all: Labels) => all.filter((name) => !ignored.has(name));
  return { key: (all) => rest(all).key, labels: rest };
}

/** Labels as Prometheus prints them in errors of matching: `{__name__="up", job="api"}`. */
export function formatLabels(labels: Labels): string {
  return `{${[...labels].map(({ name, value }) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
}
