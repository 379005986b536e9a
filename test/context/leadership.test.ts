import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Claim,
  decideClaims,
  type Leadership,
  leaderAt,
  MAX_TERMS,
  NO_LEADERSHIP,
  NOBODY,
} from '../../lib/context/leadership.ts';

const SETTINGS = { failoverTimeout: 30, memory: 10_000 };

describe('decideClaims', () => {
  it('gives open time to the first that claims it, for the timeout', () => {
    const leadership = decide(NO_LEADERSHIP, 'a@100 b@101');
    expect(shown(leadership)).toBe('a[100,130)');
    expect(leaderAt(leadership, 99)).toBeUndefined();
    expect(leaderAt(leadership, 100)).toBe('a');
    expect(leaderAt(leadership, 129)).toBe('a');
    expect(leaderAt(leadership, 130)).toBeUndefined();
  });

  it('renews the leader with its samples, but not with each of them', () => {
    const first = decide(NO_LEADERSHIP, 'a@100');
    expect(decide(first, 'a@105')).toBe(first);
    expect(shown(decide(first, 'a@108'))).toBe('a[100,138)');
    expect(shown(decide(first, 'a@130'))).toBe('a[100,160)');
  });

  it('elects the other when the leader has brought nothing for the timeout, and not before', () => {
    const first = decide(NO_LEADERSHIP, 'a@100');
    expect(decide(first, 'b@129')).toBe(first);
    const second = decide(first, 'b@130 a@131 a@140');
    expect(shown(second)).toBe('a[100,130) b[130,160)');
  });

  it('still takes late samples of an old leader for its own time, and no others', () => {
    const leadership = decide(NO_LEADERSHIP, 'a@100 b@130 b@150');
    expect(decide(leadership, 'a@110 a@129')).toBe(leadership);
    expect(leaderAt(leadership, 129)).toBe('a');
    expect(leaderAt(leadership, 131)).toBe('b');
  });

  it('leaves time open that nobody brought samples of, for whoever comes late with some', () => {
    const gap = decide(NO_LEADERSHIP, 'a@100 a@300');
    expect(shown(gap)).toBe('a[100,130) a[300,330)');
    expect(shown(decide(gap, 'b@200 b@290'))).toBe('a[100,130) b[200,230) b[290,300) a[300,330)');
  });

  it('joins terms of one replica that meet', () => {
    expect(shown(decide(decide(NO_LEADERSHIP, 'a@120'), 'a@100'))).toBe('a[100,150)');
    expect(shown(decide(decide(NO_LEADERSHIP, 'a@100 a@150'), 'a@125'))).toBe('a[100,180)');
  });

  it('remembers as long as it is told, and takes nothing from before', () => {
    const settings = { failoverTimeout: 30, memory: 100 };
    const leadership = decideClaims(decide(NO_LEADERSHIP, 'a@100'), claims('b@300'), settings);
    expect(leadership).toEqual({ horizon: 130, terms: [{ replica: 'b', from: 300, until: 330 }] });
    expect(leaderAt(leadership, 129)).toBe(NOBODY);
    expect(decide(leadership, 'a@110')).toBe(leadership);
  });

  it('is bounded where the timeout is too short for the pair', () => {
    const many = Array.from({ length: 3 * MAX_TERMS }, (_, i) => ({ replica: 'ab'.charAt(i % 2), timestamp: i * 50 }));
    const { terms, horizon } = decideClaims(NO_LEADERSHIP, many, { failoverTimeout: 30, memory: 1e9 });
    expect(terms).toHaveLength(MAX_TERMS);
    expect(horizon).toBe((2 * MAX_TERMS - 1) * 50 + 30);
  });

  it('never decides a time twice, whatever comes in whatever order', () => {
    const claim = fc.record({ replica: fc.constantFrom('a', 'b', 'c'), timestamp: fc.nat(500) });
    fc.assert(
      fc.property(fc.array(fc.array(claim, { maxLength: 5 }), { maxLength: 60 }), (batches) => {
        let leadership = NO_LEADERSHIP;
        const decided = new Map<number, string>();
        for (const batch of batches) {
          const sorted = batch.sort((a, b) => a.timestamp - b.timestamp);
          leadership = decideClaims(leadership, sorted, SETTINGS);
          for (const [time, leader] of decided) expect(leaderAt(leadership, time)).toBe(leader);
          for (const { timestamp } of batch) expect(leaderAt(leadership, timestamp)).toBeDefined();
          for (const { from, until, replica } of leadership.terms) {
            for (let time = from; time < until; time++) decided.set(time, replica);
          }
          expect(
            leadership.terms.every(({ from }, i) => i === 0 || from >= (leadership.terms[i - 1]?.until ?? 0)),
          ).toBe(true);
          expect(decideClaims(leadership, sorted, SETTINGS)).toBe(leadership);
        }
      }),
      { numRuns: 200 },
    );
  });
});

function decide(leadership: Leadership, text: string): Leadership {
  return decideClaims(leadership, claims(text), SETTINGS);
}

/** `a@100 b@130` */
function claims(text: string): Claim[] {
  return text.split(' ').map((one) => {
    const [replica = '', timestamp] = one.split('@');
    return { replica, timestamp: Number(timestamp) };
  });
}

function shown({ terms }: Leadership): string {
  return terms.map(({ replica, from, until }) => `${replica}[${from},${until})`).join(' ');
}
