import { describe, expect, it } from 'vitest';
import { expand, mistakesOf, planOfSignals } from './expand.ts';

const ISTIO = `
  - kind: relation
    name: istio-calls
    source: istio
    metric: istio_requests_total
    where: 'reporter="destination"'
    from: {workload: source_workload, namespace: source_workload_namespace}
    to: {workload: destination_workload}`;

describe('relation', () => {
  it('gives who calls whom, by rate', () => {
    expect(expand(ISTIO)).toBe(
      'asserts:relation:calls{source=istio} = sum by (asserts_env, asserts_site, workload, namespace, dst_workload) (' +
        'label_replace(label_replace(label_replace(rate(istio_requests_total{reporter="destination"}[5m]), ' +
        '"workload", "$1", "source_workload", "(.*)"), "namespace", "$1", "source_workload_namespace", "(.*)"), ' +
        '"dst_workload", "$1", "destination_workload", "(.*)")) > 0',
    );
    expect(planOfSignals(ISTIO).keptRaw.map(({ expr }) => expr)).toEqual([
      'istio_requests_total{reporter="destination"}',
    ]);
  });

  it('gives routes, by a gauge', () => {
    expect(
      expand(
        '  - {kind: relation, name: n, source: s, metric: x, type: gauge, relation: routes, from: {job: job}, to: {job: peer}}',
      ),
    ).toBe(
      'asserts:relation:routes{source=s} = sum by (asserts_env, asserts_site, job, dst_job) (label_replace(x, "dst_job", "$1", "peer", "(.*)")) > 0',
    );
  });

  it('reads every label before it is overwritten', () => {
    expect(
      expand('  - {kind: relation, name: n, source: s, metric: x, from: {job: client}, to: {job: job}}'),
    ).toContain(
      'label_replace(label_replace(rate(x[5m]), "dst_job", "$1", "job", "(.*)"), "job", "$1", "client", "(.*)")',
    );
    expect(
      mistakesOf('  - {kind: relation, name: n, source: s, metric: x, from: {a: b, b: a}, to: {job: job}}'),
    ).toMatch(/signals\[0\]\.from: labels would overwrite each other: a is still read when it is written/);
  });

  it('wants both ends', () => {
    expect(mistakesOf('  - {kind: relation, name: n, source: s, metric: x, from: {}, to: {job: job}}')).toBe(
      'signals.yml:2: signals[0].from: is empty; name at least one label',
    );
  });
});
