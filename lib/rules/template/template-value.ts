import { compareStrings } from '../../model/compare-strings.ts';
import { formatFloatGeneral } from '../../model/format-float.ts';

/** A sample of a query, as templates see it. */
export interface TemplateSample {
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** `number` is Go's float64, `bigint` its int; maps hold labels, `fields` the alert's own data. */
export type TemplateValue =
  | undefined
  | string
  | number
  | bigint
  | boolean
  | ReadonlyMap<string, string>
  | TemplateSample
  | readonly TemplateSample[]
  | { readonly fields: Readonly<Record<string, TemplateValue>> };

export function isSample(value: TemplateValue): value is TemplateSample {
  return typeof value === 'object' && 'labels' in value;
}

export function isSampleList(value: TemplateValue): value is readonly TemplateSample[] {
  return Array.isArray(value);
}

export function isLabelMap(value: TemplateValue): value is ReadonlyMap<string, string> {
  return value instanceof Map;
}

/** What `if` and `with` go by: zero, empty and absent are false. */
export function isTrue(value: TemplateValue): boolean {
  if (isLabelMap(value)) return value.size > 0;
  if (isSampleList(value)) return value.length > 0;
  if (typeof value === 'number') return value !== 0;
  return value !== undefined && value !== '' && value !== 0n && value !== false;
}

/** A value as Go prints it with `%v`. */
export function printValue(value: TemplateValue): string {
  if (value === undefined) return '<no value>';
  if (typeof value === 'number') return formatFloatGeneral(value);
  if (isLabelMap(value)) {
    const names = [...value.keys()].sort(compareStrings);
    return `map[${names.map((name) => `${name}:${value.get(name)}`).join(' ')}]`;
  }
  if (isSampleList(value)) return `[${value.map(printValue).join(' ')}]`;
  if (isSample(value)) return `{${printValue(value.labels)} ${formatFloatGeneral(value.value)}}`;
  if (typeof value === 'object') {
    const { fields } = value;
    return `{${Object.values(fields).map(printValue).join(' ')}}`;
  }
  return String(value);
}

/** The name of a value's type in Go, for `%!d(float64=1.5)` and errors. */
export function typeOf(value: TemplateValue): string {
  if (typeof value === 'number') return 'float64';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'boolean') return 'bool';
  if (value === undefined) return '<nil>';
  if (typeof value === 'string') return 'string';
  if (isLabelMap(value)) return 'map[string]string';
  return isSampleList(value) ? 'queryResult' : 'sample';
}
