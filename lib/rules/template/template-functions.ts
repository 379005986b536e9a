import { isIP } from 'node:net';
import { RE2JS } from 're2js';
import { compareStrings } from '../../model/compare-strings.ts';
import { parseDuration } from '../../promql/duration.ts';
import { lowerCase, upperCase } from '../../relabel/letter-case.ts';
import { parseTemplate as parseReplacement } from '../../relabel/template.ts';
import { TemplateError } from './alert-template.ts';
import { humanize, humanize1024, humanizeDuration, humanizePercentage, humanizeTimestamp } from './humanize.ts';
import { sprintf } from './sprintf.ts';
import {
  isLabelMap,
  isSample,
  isSampleList,
  isTrue,
  printValue,
  type TemplateSample,
  type TemplateValue,
  typeOf,
} from './template-value.ts';

/** What functions may ask of the world. */
export interface TemplateWorld {
  /** Runs an instant query at the time of the evaluation. */
  query(expr: string): Promise<readonly TemplateSample[]>;
  readonly externalUrl: string;
  /** Of the server that evaluates; absent: none. */
  readonly externalLabels?: ReadonlyMap<string, string>;
}

type TemplateFunction = (
  args: readonly TemplateValue[],
  world: TemplateWorld,
) => TemplateValue | Promise<TemplateValue>;

export function isTemplateFunction(name: string): boolean {
  return Object.hasOwn(FUNCTIONS, name);
}

/** @throws TemplateError for arguments that the function cannot take. */
export async function callTemplateFunction(
  name: string,
  args: readonly TemplateValue[],
  world: TemplateWorld,
): Promise<TemplateValue> {
  const implementation = FUNCTIONS[name];
  if (implementation === undefined) throw new Error(`BUG: template function ${name} passed the parser`);
  try {
    return await implementation(args, world);
  } catch (error) {
    throw new TemplateError(`error calling ${name}: ${(error as Error).message}`, { cause: error });
  }
}

/** `and` and `or` look at no more arguments than they need; the caller evaluates them one by one. */
export const LAZY_FUNCTIONS: Readonly<Record<string, (value: TemplateValue) => boolean>> = {
  and: (value) => !isTrue(value),
  or: (value) => isTrue(value),
};

const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  and: (args) => args.at(-1),
  or: (args) => args.at(-1),
  not: ([value]) => !isTrue(value),
  len: ([value]) => BigInt(lengthOf(value)),
  index: ([value, ...keys]) => keys.reduce(indexInto, value),
  print: (args) => sprint(args),
  println: (args) => `${args.map(printValue).join(' ')}\n`,
  printf: ([format, ...args]) => sprintf(textOf(format), args),
  html: (args) => escapeHtml(sprint(args)),
  urlquery: (args) => queryEscape(sprint(args)),
  eq: ([first, ...rest]) => atLeastOne(rest).some((value) => equals(first, value)),
  ne: ([a, b]) => !equals(a, b),
  lt: ([a, b]) => order(a, b) < 0,
  le: ([a, b]) => order(a, b) <= 0,
  gt: ([a, b]) => order(a, b) > 0,
  ge: ([a, b]) => order(a, b) >= 0,

  query: ([expr], world) => world.query(textOf(expr)),
  first: ([list]) => firstOf(list),
  label: ([name, sample]) => sampleOf(sample).labels.get(textOf(name)) ?? '',
  value: ([sample]) => sampleOf(sample).value,
  strvalue: ([sample]) => sampleOf(sample).labels.get('__value__') ?? '',
  sortByLabel: ([name, list]) => sortByLabel(textOf(name), listOf(list)),
  args: (args) => new Map(args.map((value, i) => [`arg${i}`, printValue(value)])),

  reReplaceAll: ([pattern, replacement, text]) => replaceAll(textOf(pattern), textOf(replacement), textOf(text)),
  match: ([pattern, text]) => RE2JS.compile(textOf(pattern)).matcher(textOf(text)).find(),
  title: ([text]) => titleCase(textOf(text)),
  toUpper: ([text]) => upperCase(textOf(text)),
  toLower: ([text]) => lowerCase(textOf(text)),
  safeHtml: ([text]) => textOf(text),
  stripPort: ([host]) => splitHost(textOf(host)).host,
  stripDomain: ([host]) => stripDomain(textOf(host)),
  graphLink: ([expr]) => `/graph?g0.expr=${queryEscape(textOf(expr))}&g0.tab=0`,
  tableLink: ([expr]) => `/graph?g0.expr=${queryEscape(textOf(expr))}&g0.tab=1`,
  urlQueryEscape: ([text]) => queryEscape(textOf(text)),
  pathPrefix: (_, { externalUrl }) => pathOf(externalUrl),
  externalURL: (_, { externalUrl }) => externalUrl,
  parseDuration: ([text]) => secondsOf(textOf(text)),

  humanize: ([value]) => humanize(numberOf(value)),
  humanize1024: ([value]) => humanize1024(numberOf(value)),
  humanizeDuration: ([value]) => humanizeDuration(numberOf(value)),
  humanizePercentage: ([value]) => humanizePercentage(numberOf(value)),
  humanizeTimestamp: ([value]) => humanizeTimestamp(numberOf(value)),
  toTime: ([value]) => humanizeTimestamp(numberOf(value)),
};

function textOf(value: TemplateValue): string {
  if (typeof value === 'string') return value;
  throw new TypeError(`wrong type for value; expected string; got ${typeOf(value)}`);
}

/** Prometheus takes numbers in texts, too. */
function numberOf(value: TemplateValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value)) return Number(value);
  if (typeof value === 'string' && /^[+-]?(inf|infinity|nan)$/i.test(value)) return specialNumber(value.toLowerCase());
  throw new TypeError(`can't convert ${printValue(value)} to float`);
}

function specialNumber(text: string): number {
  if (text.includes('nan')) return Number.NaN;
  return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function listOf(value: TemplateValue): readonly TemplateSample[] {
  if (isSampleList(value)) return value;
  throw new TypeError(`wrong type for value; expected the result of query; got ${typeOf(value)}`);
}

function sampleOf(value: TemplateValue): TemplateSample {
  if (isSample(value)) return value;
  throw new TypeError(`wrong type for value; expected a sample; got ${typeOf(value)}`);
}

function firstOf(value: TemplateValue): TemplateSample {
  const [first] = listOf(value);
  if (first === undefined) throw new TypeError('first() called on vector with no elements');
  return first;
}

function sortByLabel(name: string, list: readonly TemplateSample[]): readonly TemplateSample[] {
  return [...list].sort((a, b) => compareStrings(a.labels.get(name) ?? '', b.labels.get(name) ?? ''));
}

function lengthOf(value: TemplateValue): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (isLabelMap(value)) return value.size;
  if (isSampleList(value)) return value.length;
  throw new TypeError(`len of type ${typeOf(value)}`);
}

function indexInto(value: TemplateValue, key: TemplateValue): TemplateValue {
  if (isLabelMap(value)) return value.get(textOf(key)) ?? '';
  if (!isSampleList(value) || typeof key !== 'bigint') throw new TypeError(`can't index item of type ${typeOf(value)}`);
  const item = value[Number(key)];
  if (item === undefined) throw new TypeError(`index out of range: ${key}`);
  return item;
}

/** Go's `fmt.Sprint`: a space between two operands where neither is a text. */
function sprint(args: readonly TemplateValue[]): string {
  return args.reduce<string>((text, value, i) => {
    const spaced = i > 0 && typeof value !== 'string' && typeof args[i - 1] !== 'string';
    return text + (spaced ? ' ' : '') + printValue(value);
  }, '');
}

function atLeastOne(values: readonly TemplateValue[]): readonly TemplateValue[] {
  if (values.length === 0) throw new TypeError('missing argument for comparison');
  return values;
}

function equals(a: TemplateValue, b: TemplateValue): boolean {
  if (typeof a !== typeof b) throw new TypeError('incompatible types for comparison');
  if (typeof a === 'object') throw new TypeError('invalid type for comparison');
  return a === b;
}

function order(a: TemplateValue, b: TemplateValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : a === b ? 0 : Number.NaN;
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'string' && typeof b === 'string') return compareStrings(a, b);
  throw new TypeError(typeof a === typeof b ? 'invalid type for comparison' : 'incompatible types for comparison');
}

function replaceAll(pattern: string, replacement: string, text: string): string {
  const regexp = RE2JS.compile(pattern);
  const template = parseReplacement(replacement);
  const matcher = regexp.matcher(text);
  let result = '';
  let end = 0;
  while (matcher.find()) {
    const captures = {
      group: (index: number) => matcher.group(index) ?? '',
      count: regexp.groupCount(),
      named: regexp.namedGroups(),
    };
    result += text.slice(end, matcher.start()) + template.expand(captures);
    end = matcher.end();
  }
  return result + text.slice(end);
}

/** Go's `strings.Title`: words begin after spaces, and after any ASCII character that stands in no identifier. */
function titleCase(text: string): string {
  return text.replace(/(?<!\w|[^\p{ASCII}\s])\p{L}/gu, upperCase);
}

function splitHost(address: string): { readonly host: string; readonly port: string } {
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):([^:]*)$/.exec(address);
  return match === null ? { host: address, port: '' } : { host: match[1] ?? match[2] ?? '', port: match[3] ?? '' };
}

function stripDomain(address: string): string {
  const { host, port } = splitHost(address);
  if (isIP(host) !== 0) return address;
  const short = host.split('.')[0] ?? host;
  return port === '' ? short : `${short}:${port}`;
}

/** Go's `url.QueryEscape`. */
function queryEscape(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&#34;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (char) => entities[char] ?? char);
}

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname.replace(/\/$/, '') : '';
}

function secondsOf(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new TypeError(`not a valid duration string: ${JSON.stringify(text)}`);
  return ms / 1000;
}
