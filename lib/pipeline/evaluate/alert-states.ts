import { Labels } from '../../model/labels.ts';
import type { ActiveAlert } from '../../storage/rule-state.ts';

/** One series that an alert's expression gives at one time, its templates expanded. */
export interface AlertSighting {
  readonly labels: Labels;
  readonly annotations: Readonly<Record<string, string>>;
  /** As the HTTP API writes it. */
  readonly value: string;
}

export interface AlertTimes {
  /** ms. */
  readonly for: number;
  /** ms. */
  readonly keepFiringFor: number;
}

/**
 * The alerts of a rule after an evaluation at `time` (ms), by the rules of Prometheus: what is seen is pending and fires
 * once it has been seen for `for`; what is no longer seen ends, a firing alert only after `keepFiringFor`. Alerts that
 * have ended are not kept.
 */
export function stepAlerts(
  active: readonly ActiveAlert[],
  sightings: readonly AlertSighting[],
  time: number,
  times: AlertTimes,
): ActiveAlert[] {
  const known = new Map(active.map((alert) => [Labels.from(alert.labels).key, alert]));
  const seen = sightings.map(({ labels, annotations, value }): ActiveAlert => {
    const before = known.get(labels.key);
    known.delete(labels.key);
    if (before === undefined) return { labels: labels.toJSON(), annotations, state: 'pending', activeAt: time, value };
    // Labels decide which alert it is; annotations and value follow the data.
    const { keepFiringSince: _, ...rest } = before;
    return { ...rest, annotations, value };
  });
  const kept = [...known.values()].flatMap((alert) => keepFiring(alert, time, times));
  return [...seen, ...kept].map((alert) => fire(alert, time, times));
}

function keepFiring(alert: ActiveAlert, time: number, { keepFiringFor }: AlertTimes): ActiveAlert[] {
  if (alert.state !== 'firing' || keepFiringFor === 0) return [];
  const keepFiringSince = alert.keepFiringSince ?? time;
  return time - keepFiringSince < keepFiringFor ? [{ ...alert, keepFiringSince }] : [];
}

function fire(alert: ActiveAlert, time: number, { for: hold }: AlertTimes): ActiveAlert {
  return alert.state === 'pending' && time - alert.activeAt >= hold ? { ...alert, state: 'firing' } : alert;
}
