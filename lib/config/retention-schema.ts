import { z } from 'zod';
import { closedMap } from '../rules/shapes.ts';
import type { Retention } from '../storage/interface.ts';

const days = z
  .int('must be a whole number of days')
  .min(1, 'must be at least 1 day')
  .max(3650, 'must be at most 3650 days');

/** How long series are kept, of all tenants or of one. */
export const RETENTION_SCHEMA = closedMap({
  normalised: days.describe('Days that normalised series are kept. Default 2.').optional(),
  derived: days.describe('Days that derived series are kept. Default 400.').optional(),
  alerts: days.describe('Days that ALERTS and ALERTS_FOR_STATE are kept. Default: as derived series.').optional(),
});

type WrittenRetention = z.infer<typeof RETENTION_SCHEMA>;

/** Fills in what is not written from what holds otherwise. */
export function asRetention(written: WrittenRetention = {}, otherwise: Retention): Omit<Retention, 'tenants'> {
  const alerts = written.alerts ?? otherwise.alerts?.days;
  return {
    normalised: { days: written.normalised ?? otherwise.normalised.days },
    derived: { days: written.derived ?? otherwise.derived.days },
    ...(alerts !== undefined && { alerts: { days: alerts } }),
  };
}

/** What all tenants have, and what some have of their own. */
export function readRetention(
  written: WrittenRetention | undefined,
  tenants: readonly { readonly name: string; readonly retention?: WrittenRetention | undefined }[],
  defaults: Retention,
): Retention {
  const ofAll = asRetention(written, defaults);
  const own = tenants.flatMap(({ name, retention }) =>
    retention === undefined ? [] : [[name, asRetention(retention, ofAll)] as const],
  );
  return own.length === 0 ? ofAll : { ...ofAll, tenants: Object.fromEntries(own) };
}
