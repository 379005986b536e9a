import { describe, expect, it } from 'vitest';
import { Labels } from '../../lib/model/labels.ts';
import type { MetricMetadata } from '../../lib/model/metadata.ts';
import { IntakeReport } from '../../lib/pipeline/intake-report.ts';
import { packMessages } from '../../lib/pipeline/pack-messages.ts';
import { type Selects, selectSeries } from '../../lib/pipeline/select-series.ts';
import { decodeWriteRequest } from '../../lib/prompb/decode-write-request.ts';
import { uncompress } from '../../lib/wire/snappy.ts';
import { V2 } from '../receiver/messages.ts';

const isUp: Selects = (labels) => labels.metricName === 'up';

describe('selectSeries', () => {
  it('sends the metadata of one family once, and counts each', () => {
    const report = new IntakeReport();
    const selected = selectSeries([], [family('up', 'first'), family('up', 'second'), family('down')], isUp, report);
    expect(selected.map(({ labels, metadata }) => [Labels.from(labels).metricName, metadata?.help])).toEqual([
      ['up', 'first'],
    ]);
    expect(report.account.tally.metadata).toBe(3);
  });

  it('makes no message of many small families that the worker could not read', () => {
    const families = new Array<MetricMetadata>(500_000).fill(family('up'));
    for (const body of packMessages(selectSeries([], families, isUp, new IntakeReport()))) {
      expect(decodeWriteRequest(uncompress(body, 32 << 20), V2).timeseries).toHaveLength(1);
    }
  });
});

function family(metricFamilyName: string, help = ''): MetricMetadata {
  return { metricFamilyName, type: 'gauge', help, unit: '' };
}
