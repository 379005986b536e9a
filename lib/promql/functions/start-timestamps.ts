/**
 * Whether a start timestamp shows a counter reset between two samples. All times in ms, a start of 0 is unset.
 *
 * A start after the previous sample is a reset. A start equal to it is one for delta series, but not for a cumulative
 * series whose start is unknown (then the previous start is unset or its own timestamp). A start at or after its own
 * sample tells nothing.
 */
export function isStartReset(
  previousStart: number,
  previousTime: number,
  currentStart: number,
  currentTime: number,
): boolean {
  if (currentStart === 0 || currentStart >= currentTime || currentStart < previousTime) return false;
  if (currentStart > previousTime) return true;
  return previousStart !== 0 && previousStart < previousTime;
}

/** Whether a sample's start contradicts the sample before it: neither that one's own start nor after it. */
export function startOverlaps(previousStart: number, previousTime: number, currentStart: number): boolean {
  return currentStart !== 0 && currentStart < previousTime && currentStart !== previousStart;
}
