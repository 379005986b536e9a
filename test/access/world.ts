import { api } from '../../functions/api.ts';
import { remoteWrite } from '../../functions/remote-write.ts';
import { newApi } from '../../lib/api/app.ts';
import type { ApiDependencies } from '../../lib/api/dependencies.ts';
import {
  DEFAULT_INTAKE_LIMITS,
  DEFAULT_SCOPE,
  type Tenant,
  type Token,
  type TokenScope,
} from '../../lib/context/tenant.ts';
import type { IntakeDependencies } from '../../lib/pipeline/remote-write.ts';
import { SeriesMemories } from '../../lib/pipeline/series-memories.ts';
import { MemoryQueue } from '../../lib/queue/memory.ts';
import { type HttpServer, startHttpServer } from '../../local/http-server.ts';
import { readServerlessFile } from '../../local/serverless-file.ts';
import { dependenciesOf, engineOf, NOW, resultOf, storageWith } from '../api/fixture.ts';
import { sha256 } from '../receiver/test-tenants.ts';

/** The routes that are deployed. */
export const DEPLOYED = readServerlessFile(new URL('../../serverless.yml', import.meta.url)).routes;

/** Two tenants with the same names of everything and secrets of their own: `<tenant>-<token>`. */
export const TENANTS: readonly Tenant[] = ['acme', 'zeta'].map((name): Tenant => {
  const token = (title: string, scopes: readonly TokenScope[], more: Partial<Token> = {}): Token => ({
    name: title,
    sha256: sha256(`${name}-${title}`),
    scopes,
    ...more,
  });
  const access = { auth: { type: 'none' }, headers: {}, tls: {}, allowNetworks: [] } as unknown;
  return {
    name,
    tokens: [
      token('write', ['write']),
      token('read', ['read']),
      token('admin', ['admin']),
      token('all', ['write', 'read', 'admin']),
      token('lon', ['read', 'admin'], { sources: ['lon'] }),
      token('edge', ['write', 'read'], { sources: ['edge'] }),
      token('stray', ['write']),
      token('expired', ['write', 'read', 'admin'], { expires: NOW - 1 }),
    ],
    sources: [
      { name: 'main', type: 'remote_write', tokens: ['write', 'all', 'expired'], scope: DEFAULT_SCOPE },
      { name: 'edge', type: 'remote_write', tokens: ['edge'], scope: DEFAULT_SCOPE },
      {
        name: 'lon',
        type: 'query',
        url: 'http://127.0.0.1:9',
        interval: 60_000,
        timeout: 1000,
        delay: 0,
        maxCatchUp: 0,
        access: access as never,
        limits: { maxBodyBytes: 1, maxSamples: 1, maxConcurrency: 1 },
        scope: DEFAULT_SCOPE,
      },
    ],
    limits: DEFAULT_INTAKE_LIMITS,
  };
});

export interface World {
  readonly url: string;
  /** Faults of ours that were told to the operator. */
  readonly faults: unknown[];
  readonly queue: MemoryQueue;
  close(): Promise<void>;
}

/** Both HTTP functions behind the routes of serverless.yml, on a socket; the clock stands at NOW. */
export async function openWorld(): Promise<World> {
  const faults: unknown[] = [];
  const [queue, reads] = [new MemoryQueue(), await apiDependencies(faults)];
  const [intake, app] = [intakeDependencies(queue), newApi(reads)];
  const server: HttpServer = await startHttpServer({
    routes: DEPLOYED,
    handlers: { remoteWrite: (event) => remoteWrite(event, intake), api: (event) => api(event, app) },
    host: '127.0.0.1',
    port: 0,
    onError: (error) => faults.push(error),
  });
  return { url: server.url, faults, queue, close: () => server.close() };
}

export function intakeDependencies(queue: MemoryQueue): IntakeDependencies {
  return {
    tenants: TENANTS,
    selects: () => true,
    planVersion: 'plan-1',
    memories: new SeriesMemories(),
    queue,
    now: () => NOW,
  };
}

export async function apiDependencies(faults: unknown[] = []): Promise<ApiDependencies> {
  const storage = await storageWith([['up{job="a"}', NOW, 1]], 'acme');
  const { anonymousTenant: _, ...dependencies } = dependenciesOf({ storage, tenants: TENANTS });
  const engine = engineOf(() => resultOf({ kind: 'scalar', timestamp: NOW, value: 1 }));
  const deadLetters = { look: async () => ({ letters: [], isComplete: true }) };
  return { ...dependencies, deadLetters, engine, onInternalError: (error) => faults.push(error) };
}
