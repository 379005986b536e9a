import type { SetOp, VectorMatching } from '../ast.ts';
import type { Evaluation } from '../evaluation.ts';
import { mergeSeries } from '../functions/merge-series.ts';
import { ABSENT, type Grid, type VectorSeries, type VectorValue } from '../value.ts';
import { type Signature, signatureOf } from './signature.ts';

/** `and`, `or` and `unless`: presence decides, step by step; values pass unchanged. */
export function combineSets(
  op: SetOp,
  matching: VectorMatching,
  lhs: VectorValue,
  rhs: VectorValue,
  grid: Grid,
  { features }: Evaluation,
): VectorValue {
  const signature = signatureOf(matching, features);
  switch (op) {
    case 'and':
      return filtered(lhs, presence(rhs, signature, grid), signature, true);
    case 'unless':
      return filtered(lhs, presence(rhs, signature, grid), signature, false);
    case 'or': {
      const added = filtered(rhs, presence(lhs, signature, grid), signature, false);
      return { kind: 'vector', series: mergeSeries([...lhs.series, ...added.series]) };
    }
  }
}

/** The steps at which a vector has any series of a signature. */
type Presence = ReadonlyMap<string, Uint8Array>;

function presence({ series }: VectorValue, signature: Signature, grid: Grid): Presence {
  const steps = new Map<string, Uint8Array>();
  for (const { labels, kinds } of series) {
    const key = signature.key(labels);
    const mask = steps.get(key) ?? new Uint8Array(grid.length);
    steps.set(key, mask);
    for (let i = 0; i < mask.length; i++) if (kinds[i] !== ABSENT) mask[i] = 1;
  }
  return steps;
}

/** The steps of a vector at which the other side is present, or is not. */
function filtered(value: VectorValue, other: Presence, signature: Signature, wanted: boolean): VectorValue {
  const series = value.series.flatMap((one) => {
    const mask = other.get(signature.key(one.labels));
    if (mask === undefined) return wanted ? [] : [one];
    return masked(one, mask, wanted ? 1 : 0);
  });
  return { kind: 'vector', series };
}

function masked(series: VectorSeries, mask: Uint8Array, wanted: 0 | 1): VectorSeries[] {
  const kinds = new Uint8Array(mask.length);
  let left = 0;
  for (let i = 0; i < kinds.length; i++) {
    if (mask[i] !== wanted || series.kinds[i] === ABSENT) continue;
    kinds[i] = series.kinds[i] as number;
    left++;
  }
  return left === 0 ? [] : [{ ...series, kinds }];
}
