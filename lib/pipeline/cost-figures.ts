import type { Tenant } from '../context/tenant.ts';
import { type LiveBill, liveBill, oldestBilled } from '../cost/live-bill.ts';
import type { OwnMetric } from '../model/own-metric.ts';
import type { Retention } from '../storage/interface.ts';
import { retentionOf } from '../storage/retention-window.ts';
import type { UsageReader } from '../storage/usage.ts';
import type { OwnFigures } from './own-series.ts';

const DOLLARS = {
  name: 'tributary_cost_usd_total',
  type: 'counter',
  help: 'US dollars at list prices since the month (UTC) began, as of the last hour that is added up.',
} as const;

const UNITS = {
  name: 'tributary_cost_units_total',
  type: 'counter',
  help: 'Units that AWS bills, taken since the month (UTC) began, as of the last hour that is added up.',
} as const;

const HOUR_MS = 3600_000;

/** When an hour is surely added up. */
const ADDED_UP_AFTER_MS = HOUR_MS;

/** What a tenant has cost this month, hour by hour: read once an hour. */
export function costFigures(reader: UsageReader, retention: Retention): OwnFigures {
  /** By tenant: the last answer. */
  const known = new Map<string, { readonly end: number; readonly metrics: Promise<readonly OwnMetric[]> }>();
  return {
    names: [DOLLARS.name, UNITS.name],
    of({ name }: Tenant, time) {
      const end = Math.floor((time - ADDED_UP_AFTER_MS) / HOUR_MS) * HOUR_MS;
      const found = known.get(name);
      if (found?.end === end) return found.metrics;
      const metrics = metricsAt(name, end, reader, retention);
      known.set(name, { end, metrics });
      // What failed is asked again.
      metrics.catch(() => known.delete(name));
      return metrics;
    },
  };
}

/** Of a bill, its dollars and units by term. */
export function tenantCostMetrics({ terms }: LiveBill): readonly OwnMetric[] {
  return terms.flatMap(({ term, unit, units, dollars }) => [
    { ...DOLLARS, labels: { term: labelOf(term) }, value: dollars },
    { ...UNITS, labels: { term: labelOf(term), unit: labelOf(unit) }, value: units },
  ]);
}

/** From the beginning of the month to `end` (ms), which is the end of an hour. */
async function metricsAt(
  tenant: string,
  end: number,
  reader: UsageReader,
  retention: Retention,
): Promise<readonly OwnMetric[]> {
  const last = new Date(end - 1);
  const window = { mint: Date.UTC(last.getUTCFullYear(), last.getUTCMonth()), maxt: end - 1 };
  const ofTenant = retentionOf(retention, tenant);
  const hours = await reader.hours(tenant, oldestBilled(window, ofTenant), window.maxt);
  return tenantCostMetrics(liveBill(hours, window, ofTenant));
}

function labelOf(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9]+/g, '_').toLowerCase();
}
