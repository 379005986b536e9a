import { existsSync, readFileSync } from 'node:fs';
import { type MetricFamily, metricFamilies } from '../../../lib/plan/unmapped/metric-family.ts';
import { parsePage } from '../../../lib/textparse/parse-page.ts';

/** The families of a page in Prometheus's text format. */
export function familiesOf(text: string): MetricFamily[] {
  const { series, metadata } = parsePage(Buffer.from(text), { contentType: 'text/plain; version=0.0.4' });
  return metricFamilies(
    series.map(({ labels }) => labels),
    metadata,
  );
}

const captures = new URL('../../../../shared/captures/', import.meta.url);

/** Pages that real exporters gave, by name; none where the captures are not there. */
export const CAPTURED: readonly (readonly [name: string, text: string])[] = [
  'http-prometheus-2.42/metrics_node_exporter',
  'http-prometheus-2.42/metrics_prometheus_text004',
  'http-prometheus-2.42/metrics_synth_text',
  'http-prometheus-2.42/metrics_victoria',
  'http-prometheus-3.5/metrics_node_exporter_1_11',
  'http-prometheus-3.5/metrics_vm1145',
].flatMap((name) => {
  const file = new URL(`${name}.body`, captures);
  return existsSync(file) ? [[name, readFileSync(file, 'utf8')] as const] : [];
});

if (CAPTURED.length === 0) console.warn('no captured pages: suggestions are not tried on those of real exporters');
