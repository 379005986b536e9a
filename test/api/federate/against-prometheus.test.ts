import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Histogram } from '../../../lib/model/histogram.ts';
import { Labels } from '../../../lib/model/labels.ts';
import { federate } from '../../../lib/remote/federate.ts';
import { newRemoteClient } from '../../../lib/remote/remote-client.ts';
import { MemoryStorage } from '../../../lib/storage/memory/memory-storage.ts';
import { formatOf } from '../../../lib/textparse/exposition-format.ts';
import { openPage } from '../../../lib/textparse/open-page.ts';
import { STALE_HISTOGRAM } from '../../model/arbitrary-histogram.ts';
import { findPrometheus, PrometheusServer } from '../../promql/differential/prometheus-server.ts';
import { nativeHistogram } from '../../receiver/messages.ts';
import { LOCAL_ACCESS, testSecret } from '../../remote/fake-server.ts';
import { apiOf, get } from '../fixture.ts';

const BINARY = process.env.PROMETHEUS3_BIN ?? 'prometheus';
const found = findPrometheus(BINARY);
const isModern = found !== undefined && Number(found.version.split('.')[0]) >= 3;
const ACCEPT =
  'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;escaping=allow-utf-8';

describe(`/federate of native histograms beside that of ${BINARY}`, () => {
  if (!isModern) {
    console.warn(
      `skipped: /federate in protobuf is compared with Prometheus 3, and ${BINARY} is none (set PROMETHEUS3_BIN)`,
    );
    it.skip(`needs Prometheus 3 or later, and ${BINARY} is none`, () => {});
    return;
  }
  const now = Date.now() - 1000;
  // No custom buckets: up to 3.5 Prometheus leaves out their bounds, and later versions write classic histograms as we do.
  const data: readonly (readonly [Labels, Histogram | number])[] = [
    [Labels.from({ __name__: 'h', job: 'a', instance: 'i' }), nativeHistogram({ timestamp: now })],
    [Labels.from({ __name__: 'h', job: 'b' }), nativeHistogram({ timestamp: now, count: 26, zeroCount: 0 })],
    [Labels.from({ __name__: 'hg', 'label.ü': 'x' }), nativeHistogram({ timestamp: now, resetHint: 'gauge' })],
    [Labels.from({ __name__: 'hs' }), { ...STALE_HISTOGRAM, timestamp: now }],
    [Labels.from({ __name__: 'x', job: 'a' }), 4.5],
  ];
  let server: PrometheusServer;
  beforeAll(async () => {
    server = await PrometheusServer.start(BINARY, ['--enable-feature=native-histograms']);
    await server.send(
      data.map(([labels, value]) => ({
        labels: [...labels],
        exemplars: [],
        samples: typeof value === 'number' ? [{ timestamp: now, value }] : [],
        histograms: typeof value === 'number' ? [] : [value],
      })),
    );
  }, 60_000);
  afterAll(() => server?.stop());

  it.each(['with histograms', 'as text'])('has the same samples, %s', async (how) => {
    const client = newRemoteClient({ url: server.url, access: LOCAL_ACCESS, secret: testSecret });
    const withHistograms = how === 'with histograms';
    const theirs = await federate(client, ['{__name__=~".+"}'], { timeout: 5000, maxBytes: 1e6, withHistograms });
    client.close();
    const storage = new MemoryStorage();
    const appender = storage.appender('acme', 'derived');
    for (const [labels, value] of data) {
      if (typeof value === 'number') appender.append(labels, { timestamp: now, value });
      else appender.appendHistogram(labels, value);
    }
    await appender.commit();
    const api = apiOf({ storage, now: () => now + 1000 });
    const accept = withHistograms ? ACCEPT : 'text/plain;version=0.0.4;escaping=allow-utf-8';
    const response = await api.fetch(get(`/federate?match[]=${encodeURIComponent('{__name__=~".+"}')}`, { accept }));
    const contentType = response.headers.get('content-type') ?? undefined;
    const ours = entriesOf(new Uint8Array(await response.arrayBuffer()), contentType);
    expect(ours).toEqual(entriesOf(theirs.body, theirs.contentType));
    expect(contentType).toBe(theirs.contentType);
    expect(ours.length).toBe(withHistograms ? 1 + 3 : 1);
  });
});

/** Every entry of a page: types, samples, histograms. */
function entriesOf(page: Uint8Array, contentType: string | undefined): unknown[] {
  const parser = openPage(page, formatOf(contentType), { normalizesBounds: false });
  const entries: unknown[] = [];
  for (let kind = parser.next(); kind !== undefined; kind = parser.next()) {
    if (kind === 'sample') entries.push([String(Labels.from(parser.series.labels)), parser.timestamp, parser.value]);
    if (kind === 'histogram') {
      entries.push([String(Labels.from(parser.series.labels)), parser.timestamp, parser.histogram]);
    }
  }
  return entries.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
