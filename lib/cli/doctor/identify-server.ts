import type { Finding } from './finding.ts';
import type { Probe, Probed } from './probe.ts';

export interface Identity {
  readonly flavour: string;
  readonly finding: Finding;
}

interface BuildInfo {
  readonly version?: unknown;
  readonly application?: unknown;
  readonly features?: unknown;
}

/** Matchers in lists of names came with it; before, the servers of query sources are asked everything each time. */
const OLDEST = [2, 24] as const;

/** Which software answers. Managed services are known by their hosts, others by headers and by what they call themselves. */
export async function identifyServer(probe: Probe, answer: Probed): Promise<Identity> {
  const info = await buildInfo(probe);
  const flavour = flavourOf(new URL(probe.client.url).hostname, answer.headers, info);
  const version = typeof info?.version === 'string' && info.version !== '' ? ` ${info.version}` : '';
  const message = `${flavour}${version}`;
  const [major = 0, minor = 0] = version.trim().split('.').map(Number);
  const isOld = flavour === 'Prometheus' && (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]));
  if (!isOld || version === '') return { flavour, finding: { check: 'version', verdict: 'ok', message } };
  const remedy = `use Prometheus ${OLDEST.join('.')} or later`;
  return { flavour, finding: { check: 'version', verdict: 'warning', message, remedy } };
}

/** Undefined where the server does not tell. */
async function buildInfo(probe: Probe): Promise<BuildInfo | undefined> {
  try {
    const data = await probe.data('/api/v1/status/buildinfo');
    return typeof data === 'object' && data !== null ? data : undefined;
  } catch {
    return undefined;
  }
}

function flavourOf(host: string, headers: Probed['headers'], info: BuildInfo | undefined): string {
  if (/^aps-workspaces\..*\.amazonaws\.com$/.test(host)) return 'Amazon Managed Service for Prometheus';
  if (host === 'monitoring.googleapis.com') return 'Google Managed Service for Prometheus';
  if (headers['x-server-hostname'] !== undefined) return 'VictoriaMetrics';
  const name = typeof info?.application === 'string' ? info.application : '';
  if (/mimir|cortex|tributary/i.test(name)) return name;
  if (hasFeatures(info)) return 'Grafana Mimir';
  // Thanos has not had its version 1 yet, and Prometheus is long past it.
  if (/^v?0\./.test(String(info?.version ?? ''))) return 'Thanos';
  return info?.version === undefined ? 'a server with the API of Prometheus' : 'Prometheus';
}

/** What Grafana takes as the sign of Mimir. */
function hasFeatures(info: BuildInfo | undefined): boolean {
  return typeof info?.features === 'object' && info.features !== null && Object.keys(info.features).length > 0;
}
