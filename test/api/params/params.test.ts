import { describe, expect, it } from 'vitest';
import { Params } from '../../../lib/api/params/params.ts';
import { MAX_TIME, MIN_TIME } from '../../../lib/api/params/parse-time.ts';

describe('Params', () => {
  it('reads times, durations, limits and counts', () => {
    const params = paramsOf('start=1&end=2.5&step=15s&limit=3&limit_per_metric=-1');
    expect([params.time('start'), params.timeOr('end', 0), params.duration('step')]).toEqual([1000, 2500, 15_000]);
    expect([params.limit(), params.count('limit_per_metric')]).toEqual([3, -1]);
  });

  it('has a value for what is absent or empty', () => {
    const params = paramsOf('start=&limit=');
    expect(params.timeRange()).toEqual({ mint: MIN_TIME, maxt: MAX_TIME });
    expect([params.limit(), params.count('limit'), params.timeOr('end', 7)]).toEqual([0, undefined, 7]);
  });

  it.each([
    [
      'start=x',
      (params: Params) => params.time('start'),
      'invalid parameter "start": cannot parse "x" to a valid timestamp',
    ],
    ['', (params: Params) => params.time('end'), 'invalid parameter "end": cannot parse "" to a valid timestamp'],
    [
      'time=x',
      (params: Params) => params.timeOr('time', 0),
      'invalid parameter "time": Invalid time value for \'time\': cannot parse "x" to a valid timestamp',
    ],
    [
      'step=x',
      (params: Params) => params.duration('step'),
      'invalid parameter "step": cannot parse "x" to a valid duration',
    ],
    [
      'limit=x',
      (params: Params) => params.limit(),
      'invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax',
    ],
    [
      'limit=1.5',
      (params: Params) => params.limit(),
      'invalid parameter "limit": strconv.Atoi: parsing "1.5": invalid syntax',
    ],
    [
      'limit=99999999999999999999',
      (params: Params) => params.limit(),
      'invalid parameter "limit": strconv.Atoi: parsing "99999999999999999999": value out of range',
    ],
    ['limit=-1', (params: Params) => params.limit(), 'invalid parameter "limit": limit must be non-negative'],
    ['limit=x', (params: Params) => params.count('limit'), 'limit must be a number'],
  ])('tells what is wrong with %s', (search, read, message) => {
    expect(() => read(paramsOf(search))).toThrow(message);
  });
});

function paramsOf(search: string): Params {
  return new Params(new URLSearchParams(search));
}
