import type { FloatHistogram } from '../float-histogram.ts';

/** One value of a series line: `_`, a number (or `stale`), or a `{{…}}` literal. */
export type SequenceValue =
  | { readonly kind: 'omitted' }
  | { readonly kind: 'float'; readonly value: number }
  | {
      readonly kind: 'histogram';
      readonly histogram: FloatHistogram;
      /** The literal names its counter reset hint, so a comparison looks at it. */
      readonly hintGiven: boolean;
    };
