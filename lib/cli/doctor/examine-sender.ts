import { parse } from 'yaml';
import type { Source } from '../../context/tenant.ts';
import type { Labels } from '../../model/labels.ts';
import { RemoteError } from '../../remote/remote-error.ts';
import type { PageEntry } from '../../textparse/parse-page.ts';
import { parsePage } from '../../textparse/parse-page.ts';
import { type Examination, examineServer, withExternalLabels } from './examine-server.ts';
import { explainFailure } from './explain-failure.ts';
import type { Examined, Finding } from './finding.ts';
import type { Probe } from './probe.ts';

/** Beyond that the sender does not keep up, s. */
const MAX_LAG = 120;

/** Examines the Prometheus that sends as a remote_write source: as any server, then whether and how it sends to us. */
export async function examineSender(
  probe: Probe,
  url: string | undefined,
  examination: Examination,
): Promise<Examined> {
  const config = await readConfig(probe);
  const labels = withExternalLabels(config.externalLabels);
  const examined = await examineServer(probe, { ...examination, externalLabels: labels });
  if (examined.findings.some(({ check, verdict }) => check === 'reach' && verdict === 'broken')) return examined;
  const targets =
    config.fault === undefined ? checkTargets(config.targets, url, examination.source.name) : [config.fault];
  const sending = await checkSending(probe, url);
  const external = config.fault === undefined ? checkExternalLabels(config.externalLabels, examination.source) : [];
  return { ...examined, findings: [...examined.findings, ...external, ...targets, ...sending] };
}

/** Whether the sender has the external labels that tributary.yml expects of it. */
function checkExternalLabels(actual: Readonly<Record<string, string>>, source: Source): Finding[] {
  const expected = source.type === 'remote_write' ? source.externalLabels : undefined;
  if (expected === undefined) return [];
  const check = 'labels';
  const wrong = Object.entries(expected).filter(([name, value]) => actual[name] !== value);
  if (wrong.length === 0) return [{ check, verdict: 'ok', message: 'it has the external labels that are expected' }];
  const told = wrong.map(([name, value]) => {
    const found = actual[name];
    return found === undefined ? `lacks ${name}` : `has ${name}: ${found} and not ${value}`;
  });
  const lines = wrong.map(([name, value]) => `    ${name}: ${JSON.stringify(value)}`);
  return [
    {
      check,
      verdict: 'warning',
      message: `of the expected external labels it ${told.join(', ')}`,
      remedy: `set them in its prometheus.yml, or correct external_labels of ${source.name} in tributary.yml`,
      snippet: ['global:', '  external_labels:', ...lines],
    },
  ];
}

interface SenderConfig {
  readonly externalLabels: Readonly<Record<string, string>>;
  readonly targets: readonly Target[];
  readonly fault?: Finding;
}

interface PrometheusYaml {
  readonly global?: { readonly external_labels?: Readonly<Record<string, unknown>> } | null;
  readonly remote_write?:
    | readonly { readonly url?: unknown; readonly write_relabel_configs?: readonly unknown[] }[]
    | null;
}

/** What Prometheus shows of its configuration: what it has checked, and written itself. */
function readYaml(text: string, url: string): PrometheusYaml {
  let read: unknown;
  try {
    read = parse(text);
  } catch (error) {
    throw new RemoteError(
      'bad_response',
      `cannot read the configuration of ${url}: ${(error as Error).message}`,
      error,
    );
  }
  return typeof read === 'object' && read !== null ? read : {};
}

interface Target {
  readonly url: string;
  readonly filters: boolean;
}

async function readConfig(probe: Probe): Promise<SenderConfig> {
  try {
    const data = (await probe.data('/api/v1/status/config')) as { yaml?: unknown } | null;
    const { global, remote_write: blocks } = readYaml(String(data?.yaml ?? ''), probe.client.url);
    const labels = Object.entries(global?.external_labels ?? {}).map(([name, value]) => [name, String(value)]);
    const targets = (blocks ?? []).map((block) => ({
      url: String(block.url),
      filters: (block.write_relabel_configs ?? []).length > 0,
    }));
    return { externalLabels: Object.fromEntries(labels), targets };
  } catch (error) {
    return { externalLabels: {}, targets: [], fault: explainFailure('remote_write', error, 'note') };
  }
}

function checkTargets(targets: readonly Target[], url: string | undefined, source: string): Finding[] {
  const check = 'remote_write';
  const ours = targets.filter((target) => isOurs(target.url, url));
  if (ours.length === 0) {
    const known = targets.map((target) => target.url).join(', ') || 'nowhere';
    const message = `it does not write to ${url ?? 'any …/api/v1/write'}: it writes ${targets.length === 0 ? '' : 'to '}${known}`;
    return [{ check, verdict: 'broken', message, remedy: `paste what \`tributary setup ${source}\` prints` }];
  }
  return ours.map((target) =>
    target.filters
      ? { check, verdict: 'ok', message: `it writes to ${target.url}, filtered by write_relabel_configs` }
      : {
          check,
          verdict: 'note',
          message: `it writes to ${target.url} everything it has`,
          remedy: `paste the write_relabel_configs that \`tributary setup ${source}\` prints: the rest costs and is used by nothing`,
        },
  );
}

function isOurs(target: string, url: string | undefined): boolean {
  return url === undefined ? target.endsWith('/api/v1/write') : target === `${url}/api/v1/write`;
}

/** The counters of the sender itself, from its own /metrics: nobody needs to have scraped it. */
async function checkSending(probe: Probe, url: string | undefined): Promise<Finding[]> {
  const check = 'sending';
  let series: readonly PageEntry[];
  try {
    const { body, headers } = await probe.get('/metrics');
    series = parsePage(body, { contentType: headers['content-type'] }).series;
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    return [{ check, verdict: 'note', message: `its own counters cannot be read from /metrics: ${told}` }];
  }
  const ours = (labels: Labels) => isOurs(labels.get('url'), url);
  const read = (name: string) =>
    series
      .filter(({ labels }) => labels.metricName === `prometheus_remote_storage_${name}` && ours(labels))
      .reduce<number | undefined>((sum, { value }) => (sum ?? 0) + value, undefined);
  const sent = read('samples_total');
  if (sent === undefined) return [];
  return [sentFinding(sent, read), ...lagFindings(series, ours, read)];
}

type Read = (name: string) => number | undefined;

function sentFinding(sent: number, read: Read): Finding {
  const [failed = 0, dropped = 0, retried = 0, pending = 0] = [
    read('samples_failed_total'),
    read('samples_dropped_total'),
    read('samples_retried_total'),
    read('samples_pending'),
  ];
  const message = `since its start ${sent} samples sent, ${failed} failed, ${retried} tried again, ${dropped} not sent by its relabel configs; ${pending} pending`;
  if (failed === 0) return { check: 'sending', verdict: 'ok', message };
  const remedy =
    'failed samples are lost: the log of that Prometheus has our answers, and so has /api/v1/status/intake (--url)';
  return { check: 'sending', verdict: sent === failed ? 'broken' : 'warning', message, remedy };
}

function lagFindings(series: readonly PageEntry[], ours: (labels: Labels) => boolean, read: Read): Finding[] {
  const highest = series.find(
    ({ labels }) => labels.metricName === 'prometheus_remote_storage_highest_timestamp_in_seconds',
  );
  const sent = series.filter(
    ({ labels }) =>
      labels.metricName === 'prometheus_remote_storage_queue_highest_sent_timestamp_seconds' && ours(labels),
  );
  const lag = (highest?.value ?? 0) - Math.min(...sent.map(({ value }) => value));
  const findings: Finding[] = [];
  if (sent.length > 0 && lag > MAX_LAG) {
    const message = sent.some(({ value }) => value === 0)
      ? 'nothing has been sent yet'
      : `it is ${Math.round(lag)} s behind`;
    const remedy = 'look at its log for what it is answered; raise max_shards if it is only slow';
    findings.push({ check: 'sending', verdict: 'broken', message, remedy });
  }
  const [desired = 0, most = Number.POSITIVE_INFINITY] = [read('shards_desired'), read('shards_max')];
  if (desired > most) {
    const message = `it wants ${desired.toFixed(1)} shards and may have ${most}`;
    findings.push({ check: 'sending', verdict: 'warning', message, remedy: 'raise max_shards in its queue_config' });
  }
  return findings;
}
