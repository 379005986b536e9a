import { type Context, Hono } from 'hono';
import { accessOf } from '../context/access.ts';
import { apiErrorOf, internalErrorOf } from './api-error.ts';
import { CHALLENGE, tenantNamed } from './authorize.ts';
import { callOf } from './call-of.ts';
import { corsHeaders } from './cors.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Call, Endpoint } from './endpoint.ts';
import { errorResponse, writeSuccess } from './envelope.ts';
import { encodeFamilies } from './federate/encode-families.ts';
import { federate } from './federate/federate.ts';
import { contentTypeOf, negotiateFormat } from './federate/negotiate-format.ts';
import { writeExposition } from './federate/write-exposition.ts';
import { labelValues } from './label-values.ts';
import { abortError, limitTime } from './limit-time.ts';
import { MAX_LAMBDA_RESPONSE_BYTES, packResponse } from './pack-response.ts';
import { plainText } from './plain-text.ts';
import { ROUTES, SOURCE_ROUTES } from './routes.ts';
import { statusPage } from './status-page/status-page.ts';
import { writeResponse } from './write-response.ts';

/** Something that answers requests. It never rejects. */
export interface Api {
  fetch(request: Request): Promise<Response>;
}

/**
 * The Prometheus HTTP API over a store: `/api/v1/*` for reads, `/federate`, `/status`, `/-/healthy` and `/-/ready`.
 * @throws Error when `anonymousTenant` names no configured tenant
 */
export function newApi(dependencies: ApiDependencies): Api {
  if (dependencies.anonymousTenant !== undefined) tenantNamed(dependencies.tenants, dependencies.anonymousTenant);
  const app = newRouter(dependencies);
  return {
    fetch: (request) =>
      limitTime(request, dependencies.requestTimeoutMs, async (limited) => {
        const response = await app.fetch(limited);
        await dependencies.tokenUses?.settled();
        await dependencies.usageBook?.settled();
        return withCors(response, limited, dependencies);
      }),
  };
}

/** Every route of the API, and nothing around them. */
export function newRouter(dependencies: ApiDependencies): Hono {
  const app = new Hono();
  for (const { path, methods, endpoint } of ROUTES)
    mount(app, `/api/v1${path}`, methods, answer(`/api/v1${path}`, endpoint, dependencies));
  const ofLabel = '/api/v1/label/:name/values';
  mount(app, ofLabel, ['GET'], (context) => {
    const name = context.req.param('name') ?? '';
    return answer(ofLabel, (call) => labelValues(name, call), dependencies)(context);
  });
  for (const { path, methods, endpoint } of SOURCE_ROUTES) {
    const ofSource = `/api/v1/sources/:name${path}`;
    mount(app, ofSource, methods, (context) => {
      const name = context.req.param('name') ?? '';
      return answer(ofSource, (call) => endpoint(name, call, dependencies), dependencies)(context);
    });
  }
  mount(app, '/federate', ['GET'], (context) => federatePage(context.req.raw, dependencies));
  mount(app, '/status', ['GET'], async ({ req: { raw } }) => {
    const call = await callOf(raw, accessOf('/status'), dependencies);
    return noted(call, dependencies, () => statusPage(call, raw, dependencies));
  });
  mount(app, '/-/healthy', ['GET'], () => plainText(200, 'Tributary is Healthy.'));
  mount(app, '/-/ready', ['GET'], () => plainText(200, 'Tributary is Ready.'));
  app.options('/api/v1/*', () => new Response(null, { status: 204 }));
  app.notFound(() => plainText(404, '404 page not found'));
  app.onError((error, context) => failure(error, context.req.raw, dependencies));
  return app;
}

type Handler = (context: Context) => Response | Promise<Response>;

/** Every method that a path does not take gets 405 and the list of those it takes. */
function mount(app: Hono, path: string, methods: readonly string[], handler: Handler): void {
  const allow = { Allow: [...methods, 'OPTIONS'].sort().join(', ') };
  app.on([...methods], path, handler);
  app.options(path, () => new Response(null, { status: 204, headers: allow }));
  app.all(path, () => plainText(405, 'Method Not Allowed', allow));
}

/** `path` as the router has it: what it asks of a token stands in the table of access. */
function answer(path: string, endpoint: Endpoint, dependencies: ApiDependencies): Handler {
  const access = accessOf(path);
  return async ({ req: { raw: request } }) => {
    const call = await callOf(request, access, dependencies);
    return noted(call, dependencies, async () => {
      const result = await endpoint(call, dependencies);
      return writeResponse(request, 'application/json', dependencies, (out) => writeSuccess(out, result));
    });
  };
}

/** Notes what an answer took, however it ended, on the tenant's account. */
async function noted<T>({ tenant }: Call, { usageBook }: ApiDependencies, work: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await work();
  } finally {
    usageBook?.note(tenant.name, (performance.now() - began) / 1000);
  }
}

/** `/federate` is no part of the API proper: what is wrong with its parameters is told in plain text. */
async function federatePage(request: Request, dependencies: ApiDependencies): Promise<Response> {
  const call = await callOf(request, accessOf('/federate'), dependencies);
  return noted(call, dependencies, () => writePage(request, call, dependencies));
}

async function writePage(request: Request, call: Call, dependencies: ApiDependencies): Promise<Response> {
  const format = negotiateFormat(request.headers.get('accept'));
  const contentType = contentTypeOf(format);
  try {
    const samples = await federate(call, dependencies);
    if (format.syntax === 'text') {
      return await writeResponse(request, contentType, dependencies, (out) =>
        writeExposition(out, samples, format.escaping),
      );
    }
    const { maxResponseBytes = MAX_LAMBDA_RESPONSE_BYTES } = dependencies;
    return await packResponse(request, encodeFamilies(samples, format.escaping), contentType, maxResponseBytes);
  } catch (error) {
    const known = apiErrorOf(error);
    if (known === undefined || request.signal.aborted) throw error;
    return plainText(known.status, (error as Error).message);
  }
}

/** Faults of ours are reported to the operator; the client learns no more than that there was one. */
function failure(error: unknown, request: Request, { onInternalError }: ApiDependencies): Response {
  const known = request.signal.aborted ? abortError(request.signal) : apiErrorOf(error);
  if (known !== undefined) return errorResponse(known, known.type === 'unauthorized' ? CHALLENGE : {});
  onInternalError?.(error, request);
  return errorResponse(internalErrorOf(error));
}

function withCors(response: Response, request: Request, { cors }: ApiDependencies): Response {
  for (const [name, value] of Object.entries(corsHeaders(cors, request))) response.headers.set(name, value);
  return response;
}
