import { RESOLUTIONS, type Resolution } from '../interface.ts';
import { DAY_MS } from '../retention-window.ts';

const WIDTHS: Readonly<Record<Resolution, number>> = { '5m': 5 * 60_000, '1h': 3600_000 };

/** The width of windows, ms; a day is a multiple of each. */
export function widthOf(resolution: Resolution): number {
  return WIDTHS[resolution];
}

/** How a width (ms) is called. */
export function resolutionOf(width: number): Resolution | undefined {
  return RESOLUTIONS.find((resolution) => WIDTHS[resolution] === width);
}

/**
 * The end of the window that a time lies in. Windows are open on the left, as ranges of PromQL are: the sample at 10:00 is
 * the last of the window that ends then.
 */
export function windowEnd(ms: number, width: number): number {
  return Math.ceil(ms / width) * width;
}

/** The day whose windows a time belongs to: that of (day, day + 24 h], so midnight belongs to the day before. */
export function unitOf(ms: number): number {
  return windowEnd(ms, DAY_MS) - DAY_MS;
}
