import type { Labels } from '../model/labels.ts';

/** Labels that say what a series is about. A Service is named by the first that it has of workload, service and job. */
export const IDENTITY_LABELS = ['namespace', 'pod', 'container', 'node', 'service', 'workload'] as const;
export type IdentityLabel = (typeof IDENTITY_LABELS)[number];

/** For each identity label the labels that may hold its value where it is absent itself, best first. */
export interface IdentityConfig extends Readonly<Record<IdentityLabel, readonly string[]>> {
  /** Whether a workload that no label tells is guessed from the name of the pod. */
  readonly workloadFromPod: boolean;
}

/**
 * Labels by which collectors, kube-state-metrics, older kubelets and common scrape configurations name what we name in
 * one word. `exported_*` labels are not among them: whether they tell the truth depends on the exporter, so packs decide.
 */
export const DEFAULT_IDENTITY: IdentityConfig = {
  namespace: ['k8s_namespace_name', 'kubernetes_namespace', 'kubernetes_namespace_name'],
  pod: ['pod_name', 'k8s_pod_name', 'kubernetes_pod_name'],
  container: ['container_name', 'k8s_container_name', 'kubernetes_container_name'],
  node: ['k8s_node_name', 'kubernetes_node', 'kubernetes_node_name'],
  service: ['service_name', 'k8s_service_name', 'kubernetes_service', 'app_kubernetes_io_name'],
  workload: [
    'k8s_deployment_name',
    'k8s_statefulset_name',
    'k8s_daemonset_name',
    'k8s_cronjob_name',
    'k8s_job_name',
    'deployment',
    'statefulset',
    'daemonset',
    'cronjob',
  ],
  workloadFromPod: true,
};

/**
 * Names what a series is about where it does not say so in our words: each identity label that is absent takes the value
 * of the first label of its ranking that the series has, and a workload that is still unknown is guessed from the name of
 * the pod. Labels are only added: what a series says of itself, or what a relabel config made of it, always wins, and
 * two series never become one.
 */
export function applyIdentity(labels: Labels, identity: IdentityConfig | undefined): Labels {
  if (identity === undefined) return labels;
  const added: Record<string, string> = {};
  for (const name of IDENTITY_LABELS) {
    if (labels.has(name)) continue;
    const value = rankedValue(labels, identity[name]);
    if (value !== '') added[name] = value;
  }
  const pod = added['pod'] ?? labels.get('pod');
  if (identity.workloadFromPod && pod !== '' && !labels.has('workload') && added['workload'] === undefined) {
    const workload = workloadOfPod(pod);
    if (workload !== undefined) added['workload'] = workload;
  }
  return Object.keys(added).length === 0 ? labels : labels.with(added);
}

/** The labels that decide on `label`, itself included; only itself where nothing is looked for. */
export function identitySources(label: string, identity: IdentityConfig | undefined): readonly string[] {
  if (identity === undefined || !isIdentityLabel(label)) return [label];
  const own = [label, ...identity[label]];
  return label === 'workload' && identity.workloadFromPod ? [...own, ...identitySources('pod', identity)] : own;
}

export function isIdentityLabel(name: string): name is IdentityLabel {
  return (IDENTITY_LABELS as readonly string[]).includes(name);
}

/**
 * The workload whose controller named a pod so; undefined where no controller names pods like that. Kubernetes makes
 * suffixes of an alphabet without vowels and without 0, 1 and 3, so that `redis-cache` and `my-shop` are whole names.
 */
export function workloadOfPod(pod: string): string | undefined {
  for (const pattern of POD_NAMES) {
    const workload = pattern.exec(pod)?.[1];
    if (workload !== undefined) return workload;
  }
  return undefined;
}

/** `k8s.io/apimachinery/pkg/util/rand`: five characters of this alphabet end the name of a pod that is one of many. */
const SUFFIX = '[bcdfghjklmnpqrstvwxz2456789]{5}';

/** In this order, the first that matches: what stands before the suffix is the workload. */
export const POD_NAMES: readonly RegExp[] = [
  // Deployment: the hash of a ReplicaSet is a 32-bit number whose digits are written in ten letters of that alphabet.
  new RegExp(`^(.+)-[456789bcdf]{6,10}-${SUFFIX}$`),
  // CronJob: its Jobs are named by their minute since 1970, in older versions by their second.
  new RegExp(`^(.+)-\\d{8,10}-${SUFFIX}$`),
  // DaemonSet, Job, a ReplicaSet of its own.
  new RegExp(`^(.+)-${SUFFIX}$`),
  // StatefulSet: an ordinal.
  /^(.+)-\d{1,4}$/,
];

function rankedValue(labels: Labels, ranked: readonly string[]): string {
  for (const name of ranked) {
    const value = labels.get(name);
    if (value !== '') return value;
  }
  return '';
}
