let scratch = new Float64Array(64);

/**
 * The `q`-quantile of `values[first … last-1]`, interpolated between the two nearest; NaN values sort first. NaN for a
 * NaN `q` or no values, -Inf below q = 0, +Inf above q = 1.
 */
export function quantileOfFloats(q: number, values: Float64Array, first = 0, last = values.length): number {
  const size = last - first;
  if (size <= 0 || Number.isNaN(q)) return Number.NaN;
  if (q < 0) return Number.NEGATIVE_INFINITY;
  if (q > 1) return Number.POSITIVE_INFINITY;
  if (scratch.length < size) scratch = new Float64Array(2 * size);
  for (let i = 0; i < size; i++) scratch[i] = values[first + i] as number;
  scratch.subarray(0, size).sort();
  const rank = q * (size - 1);
  const below = Math.max(0, Math.floor(rank));
  const above = Math.min(size - 1, below + 1);
  const weight = rank - Math.floor(rank);
  const nans = countNaNs(size);
  return sortedAt(below, nans, size) * (1 - weight) + sortedAt(above, nans, size) * weight;
}

/** Typed arrays sort NaN to their end. */
function countNaNs(size: number): number {
  let count = 0;
  while (count < size && Number.isNaN(scratch[size - 1 - count])) count++;
  return count;
}

function sortedAt(position: number, nans: number, size: number): number {
  return scratch[position < nans ? size - 1 : position - nans] as number;
}
