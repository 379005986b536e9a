import type { Labels } from '../../model/labels.ts';

/** What a step did to one label; `''` stands for a label that is not there. */
export interface LabelChange {
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

/** The labels in which two sets differ, in the order of their names. */
export function labelChanges(before: Labels, after: Labels): LabelChange[] {
  const names = new Set([...before, ...after].map(({ name }) => name));
  return [...names]
    .sort()
    .filter((name) => before.get(name) !== after.get(name))
    .map((label) => ({ label, before: before.get(label), after: after.get(label) }));
}
