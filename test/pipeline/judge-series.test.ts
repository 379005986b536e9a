import { describe, expect, it } from 'vitest';
import { Labels } from '../../lib/model/labels.ts';
import { newJudge } from '../../lib/pipeline/judge-series.ts';
import { sourceOf, tenantOf } from './scrape-fixture.ts';

const server = 'https://prometheus.example.com:9090/prefix';

function judgeOf(more: Parameters<typeof sourceOf>[1] = {}) {
  const source = sourceOf([server], more);
  const asked: string[] = [];
  const judge = newJudge({ source, server, tenant: tenantOf(source) }, (labels) => {
    asked.push(labels.toString());
    return labels.metricName === 'up';
  });
  return { judge, asked };
}

const seriesOf = (labels: Record<string, string>) => ({ labels: Labels.from(labels) });

describe('newJudge', () => {
  it('validates and selects a series once, for as long as it is the same object', () => {
    const { judge, asked } = judgeOf();
    const up = seriesOf({ __name__: 'up', job: 'a' });
    expect(judge(up)).toMatchObject({ isSelected: true, verdict: up.labels });
    expect(judge(up)).toBe(judge(up));
    expect(judge(seriesOf({ __name__: 'down' })).isSelected).toBe(false);
    expect(asked).toEqual(['up{job="a"}', 'down']);
  });

  it('holds a series to the limits of its source, and then does not select it', () => {
    const { judge, asked } = judgeOf({ limits: { maxBodyBytes: 1, maxSamples: 1, maxLabelsPerSeries: 1 } });
    expect(judge(seriesOf({ __name__: 'up', job: 'a' }))).toMatchObject({
      isSelected: false,
      verdict: { reason: 'too_many_labels' },
    });
    expect(asked).toEqual([]);
  });

  it('names the source and the host of the server where labels are not honored', () => {
    const { judge } = judgeOf({ honorLabels: false });
    const { labels } = judge(seriesOf({ __name__: 'up', job: 'a' }));
    expect(Labels.from(labels).toString()).toBe(
      'up{exported_job="a", instance="prometheus.example.com:9090", job="fed"}',
    );
  });
});
