import { liveBill, oldestBilled } from '../cost/live-bill.ts';
import { PRICES } from '../cost/prices.ts';
import { retentionOf } from '../storage/retention-window.ts';
import { invalidParameter } from './api-error.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';
import type { Params } from './params/params.ts';

/**
 * `GET /api/v1/status/cost?window=30d`: what the tenant took of AWS in the window, term by term, at list prices. Not part of
 * Prometheus's API. Hours are billed whole: those that the window touches.
 */
export async function statusCost(
  { params, tenant }: Call,
  { usage, retention, now }: ApiDependencies,
): Promise<Answer> {
  const maxt = now();
  const window = { mint: Math.floor((maxt - windowOf(params)) / HOUR_MS) * HOUR_MS, maxt };
  const ofTenant = retentionOf(retention, tenant.name);
  const hours = await usage.hours(tenant.name, oldestBilled(window, ofTenant), maxt);
  const { terms, total } = liveBill(hours, window, ofTenant);
  const data = {
    window,
    ...since(hours.find(({ hour }) => hour >= window.mint)?.hour),
    prices: { region: PRICES.region, readOn: PRICES.readOn },
    terms,
    total,
  };
  return { data: (out) => out.write(JSON.stringify(data)) };
}

const HOUR_MS = 3600_000;
const DAY_MS = 24 * HOUR_MS;
const DEFAULT_WINDOW_MS = 30 * DAY_MS;
const MAX_WINDOW_MS = 365 * DAY_MS;

function windowOf(params: Params): number {
  const windowMs = params.get('window') === '' ? DEFAULT_WINDOW_MS : params.duration('window');
  if (windowMs > 0 && windowMs <= MAX_WINDOW_MS) return Math.trunc(windowMs);
  throw invalidParameter('window', `must be above 0 and at most 365d, got ${params.get('window')}`);
}

/** The first hour of the window of which anything is known. */
function since(hour: number | undefined): { readonly since?: number } {
  return hour === undefined ? {} : { since: hour };
}
