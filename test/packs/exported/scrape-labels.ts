import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { Labels } from '../../../lib/model/labels.ts';
import { type ApiSeries, PrometheusServer } from '../../promql/differential/prometheus-server.ts';

const ID = 'raw_series';
const NOBODY = 'nobody';
const SCRAPE_TIMEOUT_MS = 30_000;

/**
 * What a real Prometheus makes of each series when it scrapes them all with these `metric_relabel_configs` (a YAML file of
 * this one key); undefined where it drops the series.
 */
export async function scrapeLabels(
  binary: string,
  raw: readonly Labels[],
  relabelFile: string,
): Promise<(Labels | undefined)[]> {
  const page = raw.map((labels, i) => `${exposed(labels.with({ [ID]: String(i) }))} 1\n`).join('');
  const exporter = createServer((_, response) => response.setHeader('content-type', 'text/plain').end(page));
  await new Promise<void>((resolve) => exporter.listen(0, '127.0.0.1', resolve));
  const target = `127.0.0.1:${(exporter.address() as AddressInfo).port}`;
  const configuration = stringify({ scrape_configs: [scrapeConfig(target, relabelFile)] });
  const server = await PrometheusServer.start(binary, [], [{ name: 'prometheus.yml', text: configuration }]);
  try {
    const made = new Map((await scrapedSeries(server)).map(({ [ID]: id = '', ...rest }) => [id, Labels.from(rest)]));
    return raw.map((_, i) => made.get(String(i)));
  } finally {
    await server.stop();
    exporter.close();
    exporter.closeAllConnections();
  }
}

function scrapeConfig(target: string, relabelFile: string) {
  // Series bring the job and instance that they have; those of this scrape must not fill in.
  const own = [
    { source_labels: ['instance'], regex: target.replaceAll('.', '\\.'), target_label: 'instance', replacement: '' },
    { source_labels: ['job'], regex: NOBODY, target_label: 'job', replacement: '' },
  ];
  return {
    job_name: NOBODY,
    scrape_interval: '1s',
    honor_labels: true,
    static_configs: [{ targets: [target] }],
    metric_relabel_configs: [...own, ...parse(relabelFile).metric_relabel_configs],
  };
}

async function scrapedSeries(server: PrometheusServer): Promise<Readonly<Record<string, string>>[]> {
  for (const deadline = Date.now() + SCRAPE_TIMEOUT_MS; Date.now() < deadline; await sleep(200)) {
    const { data } = await server.api('query', { query: `up{job="${NOBODY}"}` });
    const [up] = (data?.result ?? []) as readonly ApiSeries[];
    if (up?.value?.[1] !== '1') continue;
    const found = await server.api('query', { query: `{${ID}!=""}` });
    return ((found.data?.result ?? []) as readonly ApiSeries[]).map(({ metric }) => metric);
  }
  throw new Error(`Prometheus did not scrape within ${SCRAPE_TIMEOUT_MS} ms`);
}

/** A series as the text format has it. */
function exposed(labels: Labels): string {
  const pairs = [...labels].filter(({ name }) => name !== '__name__');
  const escaped = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `${labels.metricName}{${pairs.map(({ name, value }) => `${name}="${escaped(value)}"`).join(',')}}`;
}
