import { describe, expect, it } from 'vitest';
import { type CaptureVersion, capture, itWithCaptures } from './captures.ts';
import { apiOf, get, NOW, type Point, postForm, storageWith } from './fixture.ts';

/** What the server behind the captures of Prometheus 2.42 had of `up` and of one other series. */
const UP = [
  'up{env="dev",instance="127.0.0.1:19391",job="node",team="a b \\"q\\" \\\\ ü"}',
  'up{instance="127.0.0.1:19390",job="prometheus"}',
  'up{instance="127.0.0.1:19394",job="vm"}',
  'up{instance="127.0.0.1:19395",job="synth"}',
  'up{instance="127.0.0.1:19399",job="down"}',
];
const FLAP = 'synth_flap{instance="127.0.0.1:19395",job="synth",phase="on"}';
const POINTS: readonly Point[] = [...UP, FLAP].map((labels) => [labels, NOW - 1000, 1]);

/** What the server behind the captures of 3.5 had where the limits cut. */
const GC: readonly Point[] = [
  ['go_gc_duration_seconds{instance="127.0.0.1:19391",job="node",address="x"}', NOW, 1],
  ['go_gc_duration_seconds_count{instance="127.0.0.1:19391",job="node"}', NOW, 1],
  ['go_gc_duration_seconds_sum{instance="127.0.0.1:19391",job="node"}', NOW, 1],
  ['go_goroutines{instance="127.0.0.1:19391",job="node"}', NOW, 1],
];

/** Requests whose answers are the same bytes as Prometheus's. */
const SAME: readonly [CaptureVersion, string, Request, readonly Point[]][] = [
  ['2.42', 'series', get('/api/v1/series?match[]=up'), POINTS],
  [
    '2.42',
    'series_post',
    postForm('/api/v1/series', [
      ['match[]', 'up'],
      ['match[]', 'synth_flap'],
    ]),
    POINTS,
  ],
  ['2.42', 'series_nomatch', get('/api/v1/series'), POINTS],
  ['2.42', 'series_empty_matcher', get('/api/v1/series?match[]={job=~".*"}'), POINTS],
  ['2.42', 'labels_match_post', postForm('/api/v1/labels', { 'match[]': 'up' }), POINTS],
  ['2.42', 'lv_match', get('/api/v1/label/job/values?match[]=up'), POINTS],
  ['2.42', 'lv_unknown', get('/api/v1/label/nothing/values'), POINTS],
  ['2.42', 'exemplars_none', get('/api/v1/query_exemplars?query=up&start=1795347900&end=1795347944'), POINTS],
  ['3.5', 'lv_invalid_name', get('/api/v1/label/a-b/values'), POINTS],
  ['3.5', 'series_limit', get('/api/v1/series?match[]={__name__=~"go_.*_(count|sum)|go_goroutines"}&limit=2'), GC],
  ['3.5', 'lv_limit', get('/api/v1/label/__name__/values?limit=3'), GC],
  ['3.5', 'labels_limit', get('/api/v1/labels?limit=2'), GC],
];

describe('lookups', () => {
  for (const [version, name, request, points] of SAME) {
    itWithCaptures(
      `answer ${request.method} ${new URL(request.url).pathname} as Prometheus ${version}: ${name}`,
      async () => {
        const response = await apiOf({ storage: await storageWith(points) }).fetch(request.clone());
        const expected = capture(version, name);
        expect(await response.text()).toBe(expected.text);
        expect(response.status).toBe(expected.status);
        expect(response.headers.get('content-type')).toBe(expected.headers.get('content-type'));
      },
    );
  }

  it('know a label by its UTF-8 name, percent encoded or escaped', async () => {
    const storage = await storageWith([['x{job="a"}', NOW, 1]]);
    const [labels] = await storage.querier('acme').series({ mint: 0, maxt: NOW });
    const appender = storage.appender('acme', 'derived');
    appender.append((labels as NonNullable<typeof labels>).with({ 'label.with.dots': 'é' }), {
      timestamp: NOW,
      value: 1,
    });
    await appender.commit();
    for (const name of ['label.with.dots', 'U__label_2e_with_2e_dots', 'label%2Ewith%2Edots']) {
      const response = await apiOf({ storage }).fetch(get(`/api/v1/label/${name}/values`));
      expect(await response.text()).toBe('{"status":"success","data":["é"]}');
    }
  });

  it('look at the time range given, all time otherwise', async () => {
    const storage = await storageWith([
      ['early', 1000, 1],
      ['late', 9000, 1],
    ]);
    const names = async (search: string) => {
      const response = await apiOf({ storage }).fetch(get(`/api/v1/label/__name__/values?${search}`));
      return ((await response.json()) as { data: unknown }).data;
    };
    expect(await names('')).toEqual(['early', 'late']);
    expect(await names('start=0.5&end=1.5')).toEqual(['early']);
    expect(await names('start=2')).toEqual(['late']);
    expect(await names('start=1&end=9&match[]=late&match[]=early')).toEqual(['early', 'late']);
  });

  it.each([
    ['/series?match[]=up%20-', 'invalid parameter "match[]": 1:4: parse error: unexpected <op:->'],
    ['/labels?match[]=up%20-', '1:4: parse error: unexpected <op:->'],
    ['/label/job/values?match[]=up%20-', '1:4: parse error: unexpected <op:->'],
    ['/labels?match[]={}', 'match[] must contain at least one non-empty matcher'],
    ['/label/job/values?limit=x', 'invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax'],
    [
      '/labels?start=x',
      'invalid parameter "start": Invalid time value for \'start\': cannot parse "x" to a valid timestamp',
    ],
    [
      '/series?match[]=up&end=x',
      'invalid parameter "end": Invalid time value for \'end\': cannot parse "x" to a valid timestamp',
    ],
    ['/label/U__/values', 'invalid label name: ""'],
  ])('refuse %s', async (path, error) => {
    const response = await apiOf().fetch(get(`/api/v1${path}`));
    expect([response.status, await response.json()]).toEqual([400, { status: 'error', errorType: 'bad_data', error }]);
  });
});
