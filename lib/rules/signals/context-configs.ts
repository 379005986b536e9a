import { REQUEST_CONTEXT_LABEL } from '../../context/request-context.ts';
import { METRIC_NAME } from '../../model/labels.ts';
import type { Matcher } from '../../model/matcher.ts';
import { quoteRegexp } from '../../model/quote-regexp.ts';
import { RELABEL_DEFAULTS } from '../../relabel/parse-relabel-config.ts';
import type { RelabelConfig } from '../../relabel/relabel-config.ts';
import { type ContextTemplate, templateReplacement } from './context-template.ts';

/** Raw series that a signal reads: a base name with any of the suffixes, and matchers that all of them satisfy. */
export interface SignalRead {
  readonly name: string;
  readonly suffixes: readonly string[];
  readonly matchers: readonly Matcher[];
}

/**
 * Relabel configs that leave out health endpoints, if wanted, and write the request context of what a signal reads. Of the
 * templates the best comes last, so that it overwrites the others; configs of later files overwrite it in turn.
 *
 * A value with a semicolon matches only as the last label of a template.
 */
export function contextConfigs(
  read: SignalRead,
  templates: readonly ContextTemplate[],
  excludeHealth: boolean,
): RelabelConfig[] {
  const scope = scopeOf(read);
  const labels = [...new Set(templates.flatMap((template) => template.labels))].filter((name) => !VERB.test(name));
  const drops = excludeHealth ? labels.map((name) => healthDrop(scope, name)) : [];
  const writes = templates.toReversed().map((template) => contextWrite(scope, template));
  const configs = [...drops, ...writes];
  return configs.length === 0 ? [] : [...scope.before, ...configs, ...scope.after];
}

/** Which series the configs are about, as the beginnings of source labels and of the regex that is matched to them. */
interface Scope {
  readonly sourceLabels: readonly string[];
  readonly regex: string;
  readonly before: readonly RelabelConfig[];
  readonly after: readonly RelabelConfig[];
}

function scopeOf({ name, suffixes, matchers }: SignalRead): Scope {
  const metric = `${quoteRegexp(name)}${alternatives(suffixes)}`;
  const negative = matchers.filter(isNegative);
  const positive = matchers.filter((matcher) => !isNegative(matcher));
  return {
    sourceLabels: [METRIC_NAME, ...(negative.length > 0 ? [EXCLUDED] : []), ...positive.map((matcher) => matcher.name)],
    regex: [metric, ...(negative.length > 0 ? [''] : []), ...positive.map(fieldRegex)].join(';'),
    before: negative.map((matcher) => ({
      ...RELABEL_DEFAULTS,
      sourceLabels: [METRIC_NAME, matcher.name],
      regex: `${metric};${valueRegex(matcher)}`,
      targetLabel: EXCLUDED,
      replacement: 'yes',
    })),
    after: negative.slice(0, 1).map(() => ({
      ...RELABEL_DEFAULTS,
      sourceLabels: [METRIC_NAME, EXCLUDED],
      regex: `${metric};yes`,
      targetLabel: EXCLUDED,
      replacement: '',
    })),
  };
}

/**
 * RE2 cannot say what must not match, so a matcher that excludes values marks them first. The mark is taken off again
 * behind the configs that respect it.
 */
const EXCLUDED = '__excluded';

function isNegative({ type, value }: Matcher): boolean {
  return type === '!~' || (type === '!=' && value !== '');
}

/** What a field must look like for a matcher that names what may be there. */
function fieldRegex(matcher: Matcher): string {
  return matcher.type === '!=' ? '[^;]+' : valueRegex(matcher);
}

function valueRegex({ type, value }: Matcher): string {
  return type === '=' || type === '!=' ? quoteRegexp(value) : `(?:${value})`;
}

function contextWrite(scope: Scope, template: ContextTemplate): RelabelConfig {
  const labels = [...new Set(template.labels)];
  const fields = labels.map((name, i) => `(?P<${name}>${i === labels.length - 1 ? '.+' : '[^;]+'})`);
  return {
    ...RELABEL_DEFAULTS,
    sourceLabels: [...scope.sourceLabels, ...labels],
    regex: [scope.regex, ...fields].join(';'),
    targetLabel: REQUEST_CONTEXT_LABEL,
    replacement: templateReplacement(template),
  };
}

function healthDrop(scope: Scope, name: string): RelabelConfig {
  return {
    ...RELABEL_DEFAULTS,
    sourceLabels: [...scope.sourceLabels, name],
    regex: `${scope.regex};${HEALTH}`,
    action: 'drop',
  };
}

/** Whole paths, perhaps behind a method (`GET /healthz`); `/healthcare` and `/live/stream` are the user's own. */
const HEALTH =
  '(?:[A-Z]+ )?(?:/metrics|/healthz?(?:/.*)?|/read(?:yz?|iness)|/live(?:z|ness)?|/-/(?:healthy|ready)|(?:/.*)?/actuator(?:/.*)?)';

/** Labels that hold `GET` and never a path. */
const VERB = /(^|_)(method|verb)$/i;

function alternatives(suffixes: readonly string[]): string {
  const named = suffixes.filter((suffix) => suffix !== '');
  if (named.length === 0) return '';
  return `(?:${named.join('|')})${named.length < suffixes.length ? '?' : ''}`;
}
