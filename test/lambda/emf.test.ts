import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { emfLine, writeEmf } from '../../lib/lambda/emf.ts';
import { compactionMetrics } from '../../lib/lambda/report-compactions.ts';
import { evaluationMetrics } from '../../lib/lambda/report-evaluations.ts';

interface Deployment {
  readonly resources: object;
}

const OUTCOME = { evaluations: 4, samples: 2, failures: [], skipped: 0, behind: 0, overtaken: false };

describe('emfLine', () => {
  it('is one line of JSON that names its metrics, their unit and the function', () => {
    const line = emfLine(
      [
        { name: 'EvaluationLag', unit: 'Seconds', value: 1.5 },
        { name: 'Broken', unit: 'Count', value: Number.NaN },
      ],
      { functionName: 'tributary-dev-evaluate', timestamp: 1795347944795 },
    );
    expect(line.endsWith('}\n')).toBe(true);
    expect(line.slice(0, -1)).not.toContain('\n');
    expect(JSON.parse(line)).toEqual({
      _aws: {
        Timestamp: 1795347944795,
        CloudWatchMetrics: [
          {
            Namespace: 'Tributary',
            Dimensions: [['FunctionName']],
            Metrics: [{ Name: 'EvaluationLag', Unit: 'Seconds' }],
          },
        ],
      },
      FunctionName: 'tributary-dev-evaluate',
      EvaluationLag: 1.5,
    });
  });

  it('makes metrics only of what alarms look at where metrics are to cost less, and tells the rest all the same', () => {
    const of = (...names: string[]) => names.map((name) => ({ name, unit: 'Count', value: 1 }) as const);
    const line = (...names: string[]) =>
      JSON.parse(emfLine(of(...names), { functionName: 'f', selection: 'alarms', timestamp: 1 }));
    expect(line('Requests', 'ServerFaults')).toMatchObject({
      _aws: { CloudWatchMetrics: [{ Metrics: [{ Name: 'ServerFaults', Unit: 'Count' }] }] },
      Requests: 1,
      ServerFaults: 1,
    });
    expect(line('Requests')).toEqual({ _aws: { Timestamp: 1, CloudWatchMetrics: [] }, FunctionName: 'f', Requests: 1 });
  });

  it('knows every metric that an alarm of serverless.yml looks at', () => {
    const { resources } = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent' }) as Deployment;
    const alarmed = JSON.stringify(resources).matchAll(/"Namespace":"Tributary","MetricName":"(\w+)"/g);
    const names = [...new Set([...alarmed].map((match) => match[1] as string))];
    expect(names.length).toBeGreaterThan(2);
    const metrics = names.map((name) => ({ name, unit: 'Count', value: 1 }) as const);
    const line = JSON.parse(emfLine(metrics, { functionName: 'f', selection: 'alarms', timestamp: 1 }));
    expect(line._aws.CloudWatchMetrics[0].Metrics.map(({ Name }: { Name: string }) => Name)).toEqual(names);
  });

  it('is written in Lambda and nowhere else', () => {
    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    writeEmf([], {});
    expect(written).not.toHaveBeenCalled();
    writeEmf([{ name: 'A', unit: 'Count', value: 1 }], { AWS_LAMBDA_FUNCTION_NAME: 'f' });
    expect(written).toHaveBeenCalledTimes(1);
    written.mockRestore();
  });
});

describe('metrics of functions', () => {
  it('tell of the tenant that is furthest behind, and of no tenant by name', () => {
    const metrics = evaluationMetrics(
      [
        { ...OUTCOME, tenant: 'acme', behind: 90_000 },
        { ...OUTCOME, tenant: 'other', behind: 5000, skipped: 60_000 },
      ],
      12,
    );
    expect(Object.fromEntries(metrics.map(({ name, value }) => [name, value]))).toEqual({
      EvaluationLag: 90,
      EvaluationsSkipped: 60,
      EvaluationDuration: 12,
      RulesFailed: 0,
      SamplesDerived: 4,
    });
    expect(JSON.stringify(metrics)).not.toContain('acme');
  });

  it('are zeros where there is nothing to evaluate, so that silence means that nobody evaluates', () => {
    expect(evaluationMetrics([], 1).find(({ name }) => name === 'EvaluationLag')?.value).toBe(0);
  });

  it('tell of the largest backlog of compaction', () => {
    const counts = { samplesRead: 0, samplesWritten: 0, itemsWritten: 0, bytesWritten: 0, overtaken: 0 };
    const outcome = { ...counts, tenant: 'acme', retentionClass: 'normalised', steps: 2, writeUnits: 30 } as const;
    const metrics = compactionMetrics([
      { ...outcome, backlog: { epochs: 3, leftovers: 0 } },
      { ...outcome, tenant: 'other' },
    ]);
    expect(metrics.map(({ value }) => value)).toEqual([3, 4, 60]);
  });
});
