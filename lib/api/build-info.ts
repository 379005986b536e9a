import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call } from './endpoint.ts';
import { jsonString } from './json/json-string.ts';

/** The release of Prometheus whose query API this one follows: what clients compare versions with. */
export const COMPATIBLE_PROMETHEUS_VERSION = '3.5.0';

/**
 * `GET /api/v1/status/buildinfo`. Grafana reads `version` to learn which calls it may make, and takes a `features` key
 * for Grafana Mimir, so there is none. `revision` is the plan at work.
 */
export async function buildInfo(_call: Call, { plan }: ApiDependencies): Promise<Answer> {
  const entries = {
    application: 'Tributary',
    version: COMPATIBLE_PROMETHEUS_VERSION,
    revision: plan.version,
    branch: '',
    buildUser: '',
    buildDate: '',
    goVersion: '',
  };
  const text = Object.entries(entries).map(([key, value]) => `"${key}":${jsonString(value)}`);
  return { data: (out) => out.write(`{${text.join(',')}}`) };
}
