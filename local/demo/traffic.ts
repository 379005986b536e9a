/**
 * How often something happens, in a form whose count over any time is a formula: what a counter shows depends only on
 * when its process started and on the clock. Two runs of the demo, or a run and its back-fill, never disagree.
 */
export interface Traffic {
  /** Mean, per second. */
  readonly rate: number;
  /** A sine around the mean; `depth` 1 goes down to nothing. */
  readonly wave?: { readonly periodSeconds: number; readonly depth: number; readonly phase: number };
  /** Additional events per second for a while, over and over. */
  readonly burst?: {
    readonly everySeconds: number;
    readonly forSeconds: number;
    readonly offsetSeconds: number;
    readonly rate: number;
  };
}

/** How many events happened between two times (seconds since the epoch): whole, and never less as `end` grows. */
export function countEvents({ rate, wave, burst }: Traffic, start: number, end: number): number {
  let events = rate * (end - start);
  if (wave !== undefined) {
    const omega = (2 * Math.PI) / wave.periodSeconds;
    const integral = (t: number) => -Math.cos(omega * t + wave.phase) / omega;
    events += rate * wave.depth * (integral(end) - integral(start));
  }
  if (burst !== undefined) events += burst.rate * (burstSeconds(burst, end) - burstSeconds(burst, start));
  return Math.floor(Math.max(events, 0) + 1e-9);
}

/** Seconds of burst between the epoch and a time. */
function burstSeconds(
  { everySeconds, forSeconds, offsetSeconds }: NonNullable<Traffic['burst']>,
  time: number,
): number {
  const whole = Math.floor((time - offsetSeconds) / everySeconds);
  const rest = time - offsetSeconds - whole * everySeconds;
  return whole * forSeconds + Math.min(rest, forSeconds);
}

/** How long requests take: log-normal, as response times nearly are. */
export interface Latency {
  readonly medianSeconds: number;
  /** Standard deviation of the logarithm. */
  readonly sigma: number;
}

/** Share of requests that take at most so long. */
export function shareWithin({ medianSeconds, sigma }: Latency, seconds: number): number {
  return seconds === Number.POSITIVE_INFINITY ? 1 : normalShare(Math.log(seconds / medianSeconds) / sigma);
}

export function meanLatency({ medianSeconds, sigma }: Latency): number {
  return medianSeconds * Math.exp(sigma ** 2 / 2);
}

/** A number in [0, 1) that belongs to a text (FNV-1a), so that instances differ and every run is the same. */
export function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}

/** A gauge that drifts between two bounds, as smooth and as repeatable as the traffic. */
export function drift(name: string, time: number, low: number, high: number, periodSeconds = 900): number {
  const angle = 2 * Math.PI * (time / periodSeconds + spread(name));
  return low + (high - low) * (0.5 + 0.35 * Math.sin(angle) + 0.15 * Math.sin(3.7 * angle));
}

/** Distribution function of the standard normal distribution, by the logistic approximation of Bowling et al. (2009). */
function normalShare(z: number): number {
  return 1 / (1 + Math.exp(-(0.07056 * z ** 3 + 1.5976 * z)));
}
