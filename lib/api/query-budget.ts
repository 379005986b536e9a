import type { QueryLimits, Tenant } from '../context/tenant.ts';
import type { QueryOptions } from '../promql/query-options.ts';
import { ApiError } from './api-error.ts';
import type { Call } from './endpoint.ts';
import { queryOptions } from './query-parameters.ts';

/** Queries under way, by tenant. */
const underWay = new WeakMap<Tenant, number>();

/**
 * Runs a query within what its tenant may spend: time and samples go to the engine, the number of queries side by side is
 * counted here, for this instance. @param range ms
 * @throws ApiError execution (422) for a range that is too long, unavailable (503) while too many are under way
 */
export async function withinBudget<T>(
  call: Call,
  range: number,
  run: (options: QueryOptions) => Promise<T>,
): Promise<T> {
  const { tenant } = call;
  const limits = tenant.queryLimits ?? {};
  checkRange(limits, range);
  const options = boundedOptions(queryOptions(call), limits);
  const running = underWay.get(tenant) ?? 0;
  if (running >= (limits.maxConcurrent ?? Number.POSITIVE_INFINITY)) {
    const text = `too many queries: ${running} of this tenant are under way, and limits.max_concurrent_queries allows no more; try again`;
    throw new ApiError('unavailable', text);
  }
  underWay.set(tenant, running + 1);
  try {
    return await run(options);
  } finally {
    underWay.set(tenant, (underWay.get(tenant) ?? 1) - 1);
  }
}

/** A request may ask for less than the tenant's limit, never for more. */
function boundedOptions(options: QueryOptions, { timeout, maxSamples }: QueryLimits): QueryOptions {
  return {
    ...options,
    ...(timeout === undefined ? {} : { timeout: Math.min(timeout, options.timeout ?? timeout) }),
    ...(maxSamples === undefined ? {} : { maxSamples }),
  };
}

function checkRange({ maxRange = Number.POSITIVE_INFINITY }: QueryLimits, range: number): void {
  if (range <= maxRange) return;
  const text = `the query covers ${range / 1000} s, more than the ${maxRange / 1000} s that limits.max_query_range allows; ask for less`;
  throw new ApiError('execution', text);
}
