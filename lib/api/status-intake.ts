import { mayReach } from '../context/authenticate.ts';
import { invalidParameter } from './api-error.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';

/**
 * `GET /api/v1/status/intake?window=1h`: what came in from each source of the tenant and what became of it. Not part of
 * Prometheus's API. `window` names the messages received in [mint, maxt] (ms), each counted once; what the worker has
 * not finished yet is not in the counts. A token that is bound to sources sees these alone.
 */
export async function statusIntake(
  { params, tenant, token }: Call,
  { ledger, plan, now }: ApiDependencies,
): Promise<Answer> {
  const windowMs = params.get('window') === '' ? DEFAULT_WINDOW_MS : params.duration('window');
  if (windowMs <= 0 || windowMs > MAX_WINDOW_MS) {
    throw invalidParameter('window', `must be above 0 and at most 7d, got ${params.get('window')}`);
  }
  const maxt = now();
  const mint = maxt - Math.trunc(windowMs);
  const totals = await ledger.totals(tenant.name, mint, maxt);
  const sources = totals.filter(({ source }) => token === undefined || mayReach(token, source));
  return { data: (out) => out.write(JSON.stringify({ window: { mint, maxt }, plan: plan.version, sources })) };
}

const DEFAULT_WINDOW_MS = 3600_000;
const MAX_WINDOW_MS = 7 * 24 * 3600_000;
