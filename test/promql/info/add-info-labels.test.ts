import { describe, expect, it } from 'vitest';
import { ExecutionError } from '../../../lib/promql/errors.ts';
import { askAt, askRange, type Data, histogram } from '../ask.ts';

const DATA: Data = {
  'x{instance="i", job="j"}': [1, 2, 3],
  'x{instance="other", job="j"}': [4, 5, 6],
  'target_info{instance="i", job="j", version="1", zone="z"}': [1, 'stale'],
  'target_info{instance="i", job="j", version="2", zone="z"}': [null, 1, 1],
  'build_info{instance="i", job="j", commit="c"}': [1, 1, 1],
};
const OTHER = { 'x{instance="other", job="j"}': [4, 5, 6] };

describe('info', () => {
  it.each([
    [
      'info(x)',
      {
        'x{instance="i", job="j", version="1", zone="z"}': [1, null, null],
        'x{instance="i", job="j", version="2", zone="z"}': [null, 2, 3],
        ...OTHER,
      },
    ],
    ['info(x, {zone=~".+"})', { 'x{instance="i", job="j", zone="z"}': [1, 2, 3] }],
    ['info(x, {__name__="build_info"})', { 'x{commit="c", instance="i", job="j"}': [1, 2, 3], ...OTHER }],
    ['info(x, {nothing=~".*"})', { 'x{instance="i", job="j"}': [1, 2, 3], ...OTHER }],
    ['info(-x, {zone=~".+"})', { '{instance="i", job="j", zone="z"}': [-1, -2, -3] }],
    ['info(x @ 0, {version=~".+"})', { 'x{instance="i", job="j", version="1"}': [1, 1, 1] }],
    ['info(build_info, {__name__=~".+_info"})', { 'build_info{commit="c", instance="i", job="j"}': [1, 1, 1] }],
    ['info(nothing)', {}],
  ])('%s', async (query, expected) => {
    expect(await askRange(DATA, query, 2)).toEqual(expected);
  });

  it('keeps the labels that the series has', async () => {
    const data: Data = { 'x{instance="i", zone="mine"}': [1], 'target_info{instance="i", zone="z", os="o"}': [1] };
    expect(await askAt(data, 'info(x)', 0)).toEqual({ 'x{instance="i", os="o", zone="mine"}': [1] });
  });

  it.each([
    [
      { 'x{job="j"}': [1], 'target_info{job="j", v="1"}': [1], 'target_info{job="j", v="2"}': [1] },
      'info(x)',
      'found duplicate series for info metric',
    ],
    [
      { 'x{job="j"}': [1], 'a_info{job="j", v="1"}': [1], 'b_info{job="j", v="2"}': [1] },
      'info(x, {__name__=~".+_info"})',
      'conflicting label: v',
    ],
    [{ 'x{job="j"}': [1], 'target_info{job="j"}': [histogram(1)] }, 'info(x)', 'info sample should be float'],
  ])('refuses contradictions', async (data: Data, query, text) => {
    const asked = askAt(data, query, 0);
    await expect(asked).rejects.toThrow(ExecutionError);
    await expect(askAt(data, query, 0)).rejects.toThrow(text);
  });
});
