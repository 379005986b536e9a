import type { RemoteWriteSource, Tenant } from '../../context/tenant.ts';
import type { Plan } from '../../plan/plan.ts';
import { writeRelabelConfigs } from '../../plan/write-relabel-configs.ts';
import { remoteWriteTuning } from './remote-write-tuning.ts';
import { scopeHint } from './scope-hint.ts';

export interface RemoteWriteSetup {
  readonly tenant: Pick<Tenant, 'name'>;
  readonly source: RemoteWriteSource;
  readonly plan: Plan;
  /** Of the API, without a slash at its end. */
  readonly url: string;
  /** Where Prometheus finds the token. */
  readonly credentialsFile: string;
  /** How long after its time an evaluation runs, ms. */
  readonly delay: number;
}

/** The `remote_write` block for prometheus.yml, with what else it needs in comments: the whole text is YAML. */
export function describeRemoteWriteSetup({
  tenant,
  source,
  plan,
  url,
  credentialsFile,
  delay,
}: RemoteWriteSetup): string {
  const steps = [
    `For the prometheus.yml that sends as source ${source.name} of tenant ${tenant.name}, made from plan ${plan.version}.`,
    'Make it again when packs or rules change: what is not listed here is not sent.',
    '',
    `1. Put the token ${source.tokens.join(' or ')} into ${credentialsFile}, readable by Prometheus alone.`,
    `   \`tributary token create ${source.tokens[0]}\` makes one.`,
    '2. Give every series its scope, for example by external labels.',
    ...scopeHint(source.scope, source.externalLabels).map((line) => `   ${line}`),
    ...replicaHint(source).map((line) => `   ${line}`),
    '3. Paste this, and let Prometheus read its configuration again (SIGHUP, or POST /-/reload).',
    `4. \`tributary doctor ${source.name} --prometheus <its URL> --url ${url}\` tells whether it works.`,
  ];
  return `${steps.map((line) => `# ${line}`.trimEnd()).join('\n')}
remote_write:
  - url: ${url}/api/v1/write
    authorization:
      type: Bearer
      credentials_file: ${JSON.stringify(credentialsFile)}
${remoteWriteTuning({ deadlineSeconds: deadlineBelow(delay) })}
${indent(writeRelabelConfigs(plan))}`;
}

/** What tells replicas apart, where several of them write the same data. */
function replicaHint({ ha }: RemoteWriteSource): string[] {
  if (ha === undefined) return [];
  return [
    'Every replica needs the same cluster and a name of its own, among its external labels:',
    `    ${ha.clusterLabel}: eu-1`,
    `    ${ha.replicaLabel}: prometheus-0`,
  ];
}

/** Half of what rules wait for samples is left for the way through the queue. */
function deadlineBelow(delay: number): number {
  return Math.max(5, Math.min(60, Math.floor(delay / 2000)));
}

function indent(yaml: string): string {
  return yaml.replace(/^(?=.)/gm, '    ');
}
