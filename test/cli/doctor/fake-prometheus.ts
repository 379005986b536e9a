import { type FakeServer, startFakeServer } from '../../remote/fake-server.ts';

export interface FakePrometheus {
  /** Series as `name{label="value"}`. */
  readonly series: readonly string[];
  /** What it says of any `count()`; default how many series there are. */
  readonly count?: number;
  /** What `/api/v1/status/buildinfo` says; 404 when absent. */
  readonly build?: Readonly<Record<string, unknown>>;
  /** ms that its clock is ahead. */
  readonly ahead?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** prometheus.yml, as `/api/v1/status/config` shows it. */
  readonly config?: string;
  /** `/metrics`. */
  readonly metrics?: string;
  readonly intake?: unknown;
  /** Paths that are answered with 401. */
  readonly refuses?: RegExp;
}

/** A server that answers what a doctor asks, about a handful of series. */
export function startFakePrometheus(fake: FakePrometheus): Promise<FakeServer> {
  return startFakeServer(({ url, body }, response) => {
    const { ahead = 0, headers = {} } = fake;
    const now = Date.now() + ahead;
    response.setHeader('date', new Date(now).toUTCString());
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    if (fake.refuses?.test(url.pathname)) return response.writeHead(401).end('who are you?');
    const query = url.searchParams.get('query') ?? new URLSearchParams(body.toString()).get('query') ?? '';
    const data = answerTo(url.pathname, query, fake, now / 1000);
    if (data === undefined) return response.writeHead(404).end('404 page not found');
    if (typeof data === 'string') return response.writeHead(200, { 'content-type': 'text/plain' }).end(data);
    return response.end(JSON.stringify({ status: 'success', data }));
  });
}

function answerTo(path: string, query: string, fake: FakePrometheus, now: number): object | string | undefined {
  switch (path) {
    case '/api/v1/query':
      return queryAnswer(query, fake, now);
    case '/api/v1/status/buildinfo':
      return fake.build;
    case '/api/v1/label/__name__/values':
      return [...new Set(fake.series.map((one) => one.replace(/\{.*/, '')))];
    case '/api/v1/status/tsdb':
      return { headStats: { numSeries: fake.series.length } };
    case '/api/v1/status/config':
      return fake.config === undefined ? undefined : { yaml: fake.config };
    case '/api/v1/status/intake':
      return fake.intake as object | undefined;
    case '/metrics':
      return fake.metrics;
    case '/federate':
      return fake.series.map((one) => `${one} 1 ${Math.round(now * 1000) - 4000}\n`).join('');
    default:
      return undefined;
  }
}

function queryAnswer(query: string, { series, count }: FakePrometheus, now: number): object {
  const vector = (result: readonly object[]) => ({ resultType: 'vector', result });
  if (query === 'time()') return { resultType: 'scalar', result: [now, String(now)] };
  if (query.startsWith('max(timestamp(')) return vector([{ metric: {}, value: [now, String(now - 7)] }]);
  if (query.startsWith('topk(1, up)')) return vector([{ metric: { __name__: 'up', job: 'a' }, value: [now, '1'] }]);
  if (query.endsWith('[10m]')) {
    const values = [0, 15, 30, 45].map((at) => [at, '1']);
    return { resultType: 'matrix', result: [{ metric: { __name__: 'up', job: 'a' }, values }] };
  }
  if (query.startsWith('count(')) return vector([{ metric: {}, value: [now, String(count ?? series.length)] }]);
  const names = new RegExp(`^(?:${/=~"(.*)"/.exec(query)?.[1]?.replaceAll('\\\\', '\\')})$`);
  return vector(
    series
      .map(labelsOf)
      .filter(isNamed(names))
      .map((metric) => ({ metric, value: [now, '1'] })),
  );
}

function isNamed(names: RegExp) {
  return ({ __name__: name = '' }: Record<string, string>) => names.test(name);
}

function labelsOf(series: string): Record<string, string> {
  const [, name = '', labels = ''] = /^([^{]*)(?:\{(.*)\})?$/.exec(series) ?? [];
  const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, value]);
  return { __name__: name, ...Object.fromEntries(pairs) };
}
