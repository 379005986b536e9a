import { z } from 'zod';
import { closedMap } from '../rules/shapes.ts';
import { type DerivedRetention, RESOLUTIONS, type Retention } from '../storage/interface.ts';

const days = z
  .int('must be a whole number of days')
  .min(1, 'must be at least 1 day')
  .max(3650, 'must be at most 3650 days');

const derivedMap = closedMap({
  days: days.describe('Days that they are kept at full resolution. Default 400.').optional(),
  downsampled: closedMap({
    '5m': days.describe('Days that they are kept in windows of 5 minutes.').optional(),
    '1h': days.describe('Days that they are kept in windows of an hour.').optional(),
  })
    .describe('How long they are kept in windows as well, and in which. Default: in none.')
    .optional(),
});

const derived = z.union([days, derivedMap], { error: ({ input }) => problemOf(input) });

/** The mistake of the form that was meant, where the union would only say that none fits. */
function problemOf(input: unknown): string {
  const isMap = typeof input === 'object' && input !== null;
  const [issue] = (isMap ? derivedMap : days).safeParse(input).error?.issues ?? [];
  const key = issue?.path.join('.') ?? '';
  return `${key === '' ? '' : `${key}: `}${issue?.message}`;
}

/** How long series are kept, of all tenants or of one. */
export const RETENTION_SCHEMA = closedMap({
  normalised: days.describe('Days that normalised series are kept. Default 2.').optional(),
  derived: derived.describe('Days that derived series are kept, or a map. Default 400.').optional(),
  alerts: days.describe('Days that ALERTS and ALERTS_FOR_STATE are kept. Default: as derived series.').optional(),
});

type WrittenRetention = z.infer<typeof RETENTION_SCHEMA>;

/** Fills in what is not written from what holds otherwise. */
export function asRetention(written: WrittenRetention = {}, otherwise: Retention): Omit<Retention, 'tenants'> {
  const alerts = written.alerts ?? otherwise.alerts?.days;
  return {
    normalised: { days: written.normalised ?? otherwise.normalised.days },
    derived: asDerived(written.derived, otherwise.derived),
    ...(alerts !== undefined && { alerts: { days: alerts } }),
  };
}

function asDerived(written: WrittenRetention['derived'], otherwise: DerivedRetention): DerivedRetention {
  const map = typeof written === 'number' ? { days: written } : (written ?? {});
  const downsampled =
    map.downsampled === undefined
      ? otherwise.downsampled
      : Object.fromEntries(
          RESOLUTIONS.flatMap((resolution) => {
            const kept = map.downsampled?.[resolution];
            return kept === undefined ? [] : [[resolution, { days: kept }] as const];
          }),
        );
  return { days: map.days ?? otherwise.days, ...(downsampled && { downsampled }) };
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

/** A day settles six hours after its end, and late samples may come for a day more. */
const MIN_DAYS_TO_DOWNSAMPLE = 3;

/** What no store could work with: windows that do not outlive the samples, or samples that do not outlive their making. */
export function retentionProblem({ derived }: Omit<Retention, 'tenants'>): string | undefined {
  let least = derived.days;
  for (const resolution of RESOLUTIONS) {
    const kept = derived.downsampled?.[resolution]?.days;
    if (kept === undefined) continue;
    if (derived.days < MIN_DAYS_TO_DOWNSAMPLE) {
      return `must keep derived series for ${MIN_DAYS_TO_DOWNSAMPLE} days at least to downsample them, not ${derived.days}`;
    }
    if (kept < least)
      return `must not keep windows of ${resolution} for ${kept} days, less than the ${least} of what is finer`;
    least = kept;
  }
  return undefined;
}
