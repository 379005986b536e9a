import type { Segment } from '../../storage/interface.ts';

/**
 * The times at which a selector looks at a series that is partly answered from windows: between two ends of windows nothing
 * is known but what was at the first, so that is where it looks. Times ascend.
 */
export function heldTimes(times: Float64Array, segments: readonly Segment[]): Float64Array {
  let next = 0;
  return times.map((time) => {
    while (next < segments.length && time > (segments[next] as Segment).upTo) next++;
    const segment = segments[next];
    return segment === undefined || time <= segment.after ? time : Math.floor(time / segment.width) * segment.width;
  });
}
