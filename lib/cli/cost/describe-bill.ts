import type { Bill } from '../../cost/cost-model.ts';
import { PRICES } from '../../cost/prices.ts';

/** The bill as people read it: every term, the total, and what others ask for the same samples. */
export function describeBill({ workload, rawSamples, terms, total, managedPrometheus, grafanaCloud }: Bill): string {
  const rows = terms.map(({ name, quantity, unit, dollars }) => row(name, `${short(quantity)} ${unit}`, dollars));
  const percent = ((total / managedPrometheus) * 100).toFixed(1);
  return [
    `${short(workload.activeSeries)} active series every ${workload.scrapeSeconds} s, ` +
      `${workload.selectedShare * 100} % selected: ${short(rawSamples)} samples a month`,
    `list prices of ${PRICES.region} read on ${PRICES.readOn}, no free tier`,
    '',
    ...rows,
    row('total', '', total),
    '',
    row('Amazon Managed Prometheus', 'ingest alone', managedPrometheus),
    row('Grafana Cloud Pro', 'metrics', grafanaCloud),
    `This is ${percent} % of Amazon Managed Prometheus's ingest price.`,
    '',
  ].join('\n');
}

function row(name: string, quantity: string, dollars: number): string {
  return `  ${name.padEnd(32)}${quantity.padStart(28)}${`$ ${dollars.toFixed(2)}`.padStart(14)}`;
}

function short(value: number): string {
  const [divisor, suffix] =
    value >= 1e9 ? [1e9, ' G'] : value >= 1e6 ? [1e6, ' M'] : value >= 1e4 ? [1e3, ' k'] : [1, ''];
  return `${Number((value / divisor).toPrecision(3))}${suffix}`;
}
