import { z } from 'zod';
import { isLegacyLabelName } from '../model/labels.ts';
import { parseDuration } from '../promql/duration.ts';

/** A map that has these keys and no others; the error lists them. */
export function closedMap<T extends z.ZodRawShape>(shape: T) {
  const keys = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `is not a key that is known here; remove it or use one of ${keys}`
        : `must be a map with the keys ${keys}`,
  });
}

/** `30s`, `1h30m` */
export const durationText = z
  .string('must be a duration such as 30s or 5m')
  .refine((text) => parseDuration(text) !== undefined, 'must be a duration such as 30s or 5m');

/** Labels of a rule: legal names, any value. */
export const labelMap = z
  .record(z.string(), z.string('must be a string; quote it'), 'must be a map of label names to values')
  .superRefine((labels, context) => {
    for (const name of Object.keys(labels)) {
      const message = labelNameProblem(name);
      if (message !== undefined) context.addIssue({ code: 'custom', path: [name], message });
    }
  });

function labelNameProblem(name: string): string | undefined {
  if (name === '__name__') return 'cannot be set by a label; the record names the metric';
  return isLegacyLabelName(name) ? undefined : `${JSON.stringify(name)} is not a label name; use letters, digits and _`;
}
