import { Labels } from '../../model/labels.ts';
import type { FunctionCall, FunctionImplementation } from '../function-call.ts';
import type { VectorValue } from '../value.ts';
import { Column } from './column.ts';
import { mapFloats } from './map-vector.ts';

const DAY_SECONDS = 86_400;
const ERA_DAYS = 146_097;

/** A day of the proleptic Gregorian calendar; `month` 1..12. */
interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Parts of a time in UTC, given in seconds since the epoch; without argument, of the evaluation time. */
export const DATE_FUNCTIONS: ReadonlyMap<string, FunctionImplementation> = new Map<string, FunctionImplementation>([
  ['day_of_month', dateFunction((seconds) => civilDate(dayOf(seconds)).day)],
  ['day_of_week', dateFunction((seconds) => modulo(dayOf(seconds) + 4, 7))],
  ['day_of_year', dateFunction((seconds) => dayOf(seconds) - firstDayOfYear(civilDate(dayOf(seconds)).year) + 1)],
  ['days_in_month', dateFunction((seconds) => daysInMonth(civilDate(dayOf(seconds))))],
  ['hour', dateFunction((seconds) => Math.floor(modulo(seconds, DAY_SECONDS) / 3600))],
  ['minute', dateFunction((seconds) => Math.floor(modulo(seconds, 3600) / 60))],
  ['month', dateFunction((seconds) => civilDate(dayOf(seconds)).month)],
  ['year', dateFunction((seconds) => civilDate(dayOf(seconds)).year)],
]);

/** Times are cut to whole seconds; one that is not finite gives NaN. */
function dateFunction(part: (seconds: number) => number): FunctionImplementation {
  const partOf = (time: number) => (Number.isFinite(time) ? part(Math.trunc(time)) : Number.NaN);
  return (call) => (call.args.length === 0 ? ofEvaluationTime(call, partOf) : mapFloats(call, 0, partOf));
}

function ofEvaluationTime({ grid }: FunctionCall, part: (seconds: number) => number): VectorValue {
  const column = new Column(grid.length);
  for (let step = 0; step < grid.length; step++) {
    column.setFloat(step, part(Math.floor((grid.start + step * grid.step) / 1000)));
  }
  return { kind: 'vector', series: column.toSeries(Labels.empty, false) };
}

function dayOf(seconds: number): number {
  return Math.floor(seconds / DAY_SECONDS);
}

/** From days since the epoch, counted in 400-year eras of years that begin in March. */
function civilDate(epochDay: number): CivilDate {
  const shifted = epochDay + 719_468;
  const era = Math.floor(shifted / ERA_DAYS);
  const dayOfEra = shifted - era * ERA_DAYS;
  const leapDays = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leapDays) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

/** Days since the epoch of January 1st. */
function firstDayOfYear(year: number): number {
  const past = year - 1;
  return past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400) - 719_162;
}

function daysInMonth({ year, month }: CivilDate): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function modulo(value: number, divisor: number): number {
  return value - Math.floor(value / divisor) * divisor;
}
