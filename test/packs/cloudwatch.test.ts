import { describe, expect, it } from 'vitest';
import { DEFAULT_IDENTITY } from '../../lib/context/identity.ts';
import { mayConcern } from '../../lib/plan/push-down-labels.ts';
import { series } from '../model/series.ts';
import { contextualizer, plan } from './contextualize.ts';

const NO_DEFAULT = {
  env: { labels: ['env'] },
  site: { labels: ['cluster'] },
  identity: DEFAULT_IDENTITY,
};
const PACKS = plan.packs.filter((pack) => pack.startsWith('aws-'));

function labelsOf(raw: string) {
  const result = contextualizer.contextualize(series(raw), NO_DEFAULT, raw);
  if (result.kind === 'dropped') return result.reason;
  return result.outputs[0]?.labels.toJSON();
}

describe('the packs of CloudWatch', () => {
  it('take account and region for the scope where nothing else gives one', () => {
    const own = 'account_id="42",region="eu-west-1",dimension_FunctionName="pay"';
    expect(labelsOf(`aws_lambda_errors_sum{${own}}`)).toMatchObject({ asserts_env: '42', asserts_site: 'eu-west-1' });
    expect(labelsOf(`aws_lambda_errors_sum{${own},env="prod",cluster="main"}`)).toMatchObject({
      asserts_env: 'prod',
      asserts_site: 'main',
    });
    expect(labelsOf('aws_lambda_errors_sum{dimension_FunctionName="pay"}')).toBe('no_asserts_env');
  });

  it('say so of sums over a period that they do not know', () => {
    expect(labelsOf('aws_lambda_errors_sum{env="prod",cw_period="3600",dimension_FunctionName="pay"}')).toBe(
      'no_rule_matched',
    );
  });

  it('do not take the pod of the exporter for a workload', () => {
    const labels = labelsOf('aws_sqs_number_of_messages_sent_sum{env="prod",dimension_QueueName="q",pod="yace-0"}');
    expect(labels).toMatchObject({ workload: 'q', pod: 'yace-0', namespace: 'AWS/SQS' });
  });

  it.each(PACKS)('%s looks at labels of its own metrics alone', (pack) => {
    const configs = plan.relabelConfigs.filter(({ origin }) => origin.pack === pack);
    const [own = ''] = plan.mappings
      .filter(({ origin }) => origin.pack === pack)
      .map(({ expr }) => /aws_[a-z0-9_]+/.exec(expr)?.[0] ?? '');
    expect(configs.length).toBeGreaterThan(5);
    expect(configs.filter((config) => mayConcern(config, 'http_requests_total'))).toEqual([]);
    expect(configs.some((config) => mayConcern(config, own))).toBe(true);
  });
});
