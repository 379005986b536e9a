import type { ExpectedSeries } from '../doctor/expect-series.ts';
import type { ExpectedBill } from './expected-bill.ts';
import type { Inventory } from './read-inventory.ts';

/** What is to be expected of an inventory, for people: series by record, what becomes nothing and why, and the bill. */
export function describeExpected(
  { pages, series }: Inventory,
  expected: ExpectedSeries,
  bill: ExpectedBill | undefined,
): string {
  const { selected, contextualized, derived, records, dropped } = expected;
  const lines = [
    `EXPECTED OF ${series.length} RAW SERIES (${pages.join(', ')})`,
    ...rows([
      ['selected', selected],
      ['contextualized', contextualized],
      ['derived', derived ?? 'too many to try'],
    ]),
  ];
  if (records.size > 0)
    lines.push('', 'SERIES OF EACH METRIC', ...rows([...records].sort(([a], [b]) => (a < b ? -1 : 1))));
  if (dropped.size > 0) {
    lines.push('', 'SELECTED AND THEN DROPPED');
    for (const [reason, { count, series: example, detail }] of dropped) {
      lines.push(`  ${reason}  ${count}, such as ${example}`, `    ${detail}`);
    }
  }
  lines.push('', 'COST', ...billLines(bill));
  return `${lines.join('\n')}\n`;
}

function billLines(bill: ExpectedBill | undefined): string[] {
  if (bill === undefined) {
    return ['  nothing of it is selected: `tributary unmapped` tells which packs and signals would read it'];
  }
  const { selectedOnly, everything, scrapeSeconds } = bill;
  return [
    `  about $ ${selectedOnly.toFixed(2)} a month at list prices, scraped every ${scrapeSeconds} s, if only what is selected is sent ` +
      '(`tributary setup` prints how)',
    `  about $ ${everything.toFixed(2)} if everything is sent; \`tributary cost\` prints every term`,
  ];
}

function rows(pairs: readonly (readonly [string, number | string])[]): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}
