import type { Resolution } from '../../interface.ts';
import { DAY_MS } from '../../retention-window.ts';
import { alignDown, escapeTenant } from '../keys.ts';

/** Manifests and labels of windows stand together for so long: a year is read with a dozen requests. */
export const SPAN_MS = 32 * DAY_MS;

/** Start of the span of a day's windows. */
export function spanOf(unit: number): number {
  return alignDown(unit, SPAN_MS);
}

/** One column of some series' windows of a day; each has a partition of its own, as chunks have. */
export function windowsKey(tenant: string, resolution: Resolution, unit: number, column: string): string {
  return `${escapeTenant(tenant)}/windows/${resolution}/${unit}/${column}`;
}

/** The manifests of the days of a span. */
export function windowManifestsKey(tenant: string, resolution: Resolution, span: number): string {
  return `${escapeTenant(tenant)}/window-manifests/${resolution}/${span}`;
}

/** The series that have windows in a span. */
export function windowLabelsKey(tenant: string, span: number): string {
  return `${escapeTenant(tenant)}/window-labels/${span}`;
}

/** What downsampling has done, and has to do. */
export function downsamplingKey(tenant: string): string {
  return `${escapeTenant(tenant)}/downsampling`;
}
