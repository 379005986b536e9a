import type { LiveTerm } from '../../cost/live-bill.ts';
import { columns } from '../status/columns.ts';

/** What `/api/v1/status/cost` tells. Times in ms. */
export interface CostStatus {
  readonly window: { readonly mint: number; readonly maxt: number };
  /** The first hour of the window of which anything is known. */
  readonly since?: number;
  readonly prices: { readonly region: string; readonly readOn: string };
  readonly terms: readonly LiveTerm[];
  readonly total: number;
}

const MONTH_MS = 30 * 86_400_000;

/** Bills are of whole hours, and the first of a deployment is a part of one: over so many (ms) that matters little. */
const RATE_KNOWN_MS = 12 * 3600_000;

/** A tenant's bill as people read it: every term, the total, and what a month comes to at that rate. */
export function describeLiveBill({ window, since = window.mint, prices, terms, total }: CostStatus): string {
  const rows = terms.map(({ term, units, unit, price, dollars, isEstimate }) => [
    `  ${term}${isEstimate ? ' (estimate)' : ''}`,
    `${short(units)} ${unit}`,
    `at $ ${priceText(price)}`,
    `$ ${dollarText(dollars)}`,
  ]);
  return [
    `from ${isoHour(since)} to ${isoHour(window.maxt)}, list prices of ${prices.region} read on ${prices.readOn}, no free tier`,
    '',
    ...columns(rows),
    '',
    `  total $ ${dollarText(total)}; ${monthText(total, since, window)}`,
    '',
  ].join('\n');
}

function monthText(total: number, since: number, { mint, maxt }: CostStatus['window']): string {
  const known = Math.max(1, maxt - since);
  const isTooShort = since > mint && known < RATE_KNOWN_MS;
  if (isTooShort) return 'what a month comes to can be told after 12 hours (`tributary cost` estimates it)';
  return `at this rate $ ${((total / known) * MONTH_MS).toFixed(2)} a month of 30 days`;
}

function dollarText(dollars: number): string {
  return dollars >= 0.01 ? dollars.toFixed(2) : dollars.toPrecision(2);
}

/** Most units are sold by the million. */
function priceText(price: number): string {
  return price < 0.01 ? `${Number((price * 1e6).toPrecision(6))} a million` : String(price);
}

function isoHour(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
}

function short(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}
