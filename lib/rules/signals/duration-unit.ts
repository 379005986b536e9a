export const DURATION_UNITS = ['seconds', 'milliseconds', 'microseconds', 'nanoseconds'] as const;
export type DurationUnit = (typeof DURATION_UNITS)[number];

/** An expression of `unit` as one of seconds. */
export function inSeconds(expr: string, unit: DurationUnit): string {
  return DECIMALS[unit] === 0 ? expr : `${expr} / ${10 ** DECIMALS[unit]}`;
}

/**
 * An expression whose `le` labels are bounds of `unit` as one with bounds in seconds. The decimal point is moved in the
 * text, so no digit is lost: 5 becomes 0.005, 2500 becomes 2.5, 1e+06 becomes 0.001e+06; +Inf stays.
 *
 * Three steps, because a regex can move a point only past digits that are there: zeros go in front, the point moves,
 * zeros that say nothing go. Each text that the first step does not know is unknown to the others too.
 */
export function boundsInSeconds(expr: string, unit: DurationUnit): string {
  const decimals = DECIMALS[unit];
  if (decimals === 0) return expr;
  const steps: readonly (readonly [regex: string, replacement: string])[] = [
    [`([0-9]+(?:\\.[0-9]+)?${EXPONENT})`, `${'0'.repeat(decimals)}\${1}`],
    [`0*([0-9]+)([0-9]{${decimals}})(?:\\.([0-9]+))?(${EXPONENT})`, '${1}.${2}${3}${4}'],
    [`([0-9]+)(?:(\\.[0-9]*[1-9])0*|\\.0*)(${EXPONENT})`, '${1}${2}${3}'],
  ];
  return steps.reduce(
    (inner, [regex, replacement]) =>
      `label_replace(${inner}, "le", ${JSON.stringify(replacement)}, "le", ${JSON.stringify(regex)})`,
    expr,
  );
}

/** The unit that a metric's name tells, or undefined. */
export function unitInName(name: string): DurationUnit | undefined {
  return NAMES.find(([, pattern]) => pattern.test(name))?.[0];
}

/** Digits after the point that one such unit is of a second. */
const DECIMALS: Readonly<Record<DurationUnit, number>> = {
  seconds: 0,
  milliseconds: 3,
  microseconds: 6,
  nanoseconds: 9,
};

const EXPONENT = '(?:[eE][+-]?[0-9]+)?';

const NAMES: readonly (readonly [DurationUnit, RegExp])[] = [
  ['milliseconds', /(^|_)(milliseconds|millis|msec|ms)(_|$)/i],
  ['microseconds', /(^|_)(microseconds|micros|usec|us)(_|$)/i],
  ['nanoseconds', /(^|_)(nanoseconds|nanos|nsec|ns)(_|$)/i],
  ['seconds', /(^|_)(seconds|sec)(_|$)/i],
];
