import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyIdentity,
  DEFAULT_IDENTITY,
  IDENTITY_LABELS,
  identitySources,
  isIdentityLabel,
  workloadOfPod,
} from '../../lib/context/identity.ts';
import { Labels } from '../../lib/model/labels.ts';
import { series } from '../model/series.ts';

const identified = (text: string) => applyIdentity(series(text), DEFAULT_IDENTITY);

describe('applyIdentity', () => {
  it.each([
    [
      'what collectors say',
      'x{k8s_namespace_name="shop",k8s_pod_name="p",k8s_deployment_name="cart",service_name="s",k8s_node_name="n"}',
      { namespace: 'shop', pod: 'p', workload: 'cart', service: 's', node: 'n' },
    ],
    [
      'what kubelets before 1.16 said',
      'x{pod_name="cart-0",container_name="app",namespace="shop"}',
      { pod: 'cart-0', container: 'app', workload: 'cart' },
    ],
    ['what kube-state-metrics says', 'x{namespace="shop",deployment="cart"}', { workload: 'cart' }],
    [
      'what annotations of pods give',
      'x{kubernetes_namespace="shop",kubernetes_pod_name="cart-6c9d5f7b8c-x2v4k"}',
      { namespace: 'shop', pod: 'cart-6c9d5f7b8c-x2v4k', workload: 'cart' },
    ],
  ])('takes %s', (_, raw, added) => {
    expect(identified(raw)).toEqual(series(raw).with(added));
  });

  it('changes nothing that is there', () => {
    const raw = 'x{namespace="a",k8s_namespace_name="b",workload="w",k8s_deployment_name="v",pod="cart-0"}';
    expect(identified(raw)).toEqual(series(raw));
  });

  it('believes a label about the workload before the name of the pod', () => {
    expect(identified('x{pod="cart-0",statefulset="basket"}').get('workload')).toBe('basket');
  });

  it('goes by the ranking of the source, and guesses only where that is wanted', () => {
    const own = { ...DEFAULT_IDENTITY, workload: ['app'], workloadFromPod: false };
    expect(applyIdentity(series('x{app="cart",deployment="d"}'), own).get('workload')).toBe('cart');
    expect(applyIdentity(series('x{pod="cart-0"}'), own).has('workload')).toBe(false);
  });

  it('returns the very labels where there is nothing to add, or nothing is looked for', () => {
    for (const raw of ['x{job="a",instance="b"}', 'x{pod="redis-cache"}']) {
      const labels = series(raw);
      expect(applyIdentity(labels, DEFAULT_IDENTITY)).toBe(labels);
    }
    const labels = series('x{pod="cart-0"}');
    expect(applyIdentity(labels, undefined)).toBe(labels);
  });

  it('only adds identity labels, and never makes one series of two', () => {
    const names = [...new Set([...IDENTITY_LABELS, ...IDENTITY_LABELS.flatMap((name) => DEFAULT_IDENTITY[name])])];
    const anyLabels = fc
      .dictionary(fc.constantFrom(...names, 'job'), fc.constantFrom('a', 'b-0', 'c-6c9d5f7b8c-x2v4k'))
      .map((map) => Labels.from(map));
    fc.assert(
      fc.property(anyLabels, anyLabels, (a, b) => {
        const [one, other] = [applyIdentity(a, DEFAULT_IDENTITY), applyIdentity(b, DEFAULT_IDENTITY)];
        for (const { name, value } of one) expect(a.get(name) === value || isIdentityLabel(name)).toBe(true);
        for (const { name, value } of a) expect(one.get(name)).toBe(value);
        // Of series from one target: they have the same labels, or the label that one lacks is another's fallback.
        const sameNames = [...a].map(({ name }) => name).join() === [...b].map(({ name }) => name).join();
        if (sameNames && !a.equals(b)) expect(one.equals(other)).toBe(false);
        expect(applyIdentity(one, DEFAULT_IDENTITY).equals(one)).toBe(true);
      }),
    );
  });
});

describe('workloadOfPod', () => {
  it.each([
    ['cart-6c9d5f7b8c-x2v4k', 'cart'],
    ['my-shop-api-7d4f8c6b9-zq5tx', 'my-shop-api'],
    ['report-28391040-h7xkp', 'report'],
    ['node-exporter-4x7kz', 'node-exporter'],
    ['kafka-0', 'kafka'],
    ['kafka-broker-12', 'kafka-broker'],
    ['app-v2-5b8f9c7d6-9kqrm', 'app-v2'],
  ])('%s belongs to %s', (pod, workload) => expect(workloadOfPod(pod)).toBe(workload));

  it.each(['redis-cache', 'my-shop', 'web', 'kube-proxy-gke-pool-a1b3', 'etcd-master'])('%s may be a name', (pod) =>
    expect(workloadOfPod(pod)).toBeUndefined(),
  );
});

describe('identitySources', () => {
  it('lists what decides on a label', () => {
    expect(identitySources('job', DEFAULT_IDENTITY)).toEqual(['job']);
    expect(identitySources('pod', DEFAULT_IDENTITY)).toEqual(['pod', ...DEFAULT_IDENTITY.pod]);
    expect(identitySources('workload', DEFAULT_IDENTITY)).toEqual(
      expect.arrayContaining(['workload', 'deployment', 'pod', 'k8s_pod_name']),
    );
    expect(identitySources('workload', { ...DEFAULT_IDENTITY, workloadFromPod: false })).not.toContain('pod');
    expect(identitySources('workload', undefined)).toEqual(['workload']);
  });

  it('names all that can matter: without the others the identity is the same', () => {
    const names = [...new Set([...IDENTITY_LABELS, ...IDENTITY_LABELS.flatMap((name) => DEFAULT_IDENTITY[name])])];
    const anyLabels = fc.dictionary(fc.constantFrom(...names, 'job'), fc.constantFrom('a', 'b-0'));
    fc.assert(
      fc.property(anyLabels, fc.constantFrom(...IDENTITY_LABELS), (map, label) => {
        const labels = Labels.from(map);
        const needed = labels.keep(new Set(identitySources(label, DEFAULT_IDENTITY)));
        expect(applyIdentity(needed, DEFAULT_IDENTITY).get(label)).toBe(
          applyIdentity(labels, DEFAULT_IDENTITY).get(label),
        );
      }),
    );
  });
});
