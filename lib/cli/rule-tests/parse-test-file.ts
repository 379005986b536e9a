import { z } from 'zod';
import { DEFAULT_SCOPE } from '../../context/tenant.ts';
import type { Labels } from '../../model/labels.ts';
import { parseDuration } from '../../promql/duration.ts';
import { Cursor } from '../../promql/notation/cursor.ts';
import { readMetric } from '../../promql/notation/metric-literal.ts';
import type { SequenceValue } from '../../promql/notation/sequence-value.ts';
import { parseSeriesLine } from '../../promql/notation/series-line.ts';
import { type Mistake, MistakesError } from '../../rules/mistake.ts';
import { closedMap, durationText } from '../../rules/shapes.ts';
import { checkShape, mistakeAt, readYaml, type YamlFile, type YamlPath } from '../../rules/yaml-file.ts';
import type { AlertRuleTest, ContextualizeTest, ExprTest, TestFile, TestGroup, TestSeries } from './test-file.ts';

/**
 * Reads a file of unit tests in promtool's format, with `relabel_files` and `contextualize` beside it.
 *
 * @throws MistakesError with every mistake of the file.
 */
export function parseTestFile(file: string, text: string): TestFile {
  const yaml = readYaml(file, text, 'strings');
  const mistakes: Mistake[] = [];
  const given = checkShape(yaml, [], yaml.value, FILE, mistakes);
  if (given === undefined) throw new MistakesError(mistakes);
  const evaluationInterval = milliseconds(given.evaluation_interval) || DEFAULT_INTERVAL_MS;
  const reader = new Reader(yaml, mistakes);
  const tests = (given.tests ?? []).map((group, i) => reader.group(['tests', i], group, evaluationInterval));
  const order = given.group_eval_order ?? [];
  const repeated = order.findIndex((name, i) => order.indexOf(name) !== i);
  if (repeated >= 0) mistakes.push(mistakeAt(yaml, ['group_eval_order', repeated], 'is in the list twice'));
  if (mistakes.length > 0) throw new MistakesError(mistakes);
  return {
    file,
    ruleFiles: given.rule_files ?? [],
    relabelFiles: given.relabel_files ?? [],
    evaluationInterval,
    groupEvalOrder: order,
    fuzzyCompare: given.fuzzy_compare === 'true',
    tests,
  };
}

/** Of promtool, where the file names none. */
const DEFAULT_INTERVAL_MS = 60_000;

const texts = z.array(z.string('must be a string'), 'must be a list');
const stringMap = z.record(z.string(), z.string('must be a string; quote it'), 'must be a map of names to values');
const series = closedMap({ series: z.string('is missing'), values: z.string('is missing').default('') });
const ranked = closedMap({ labels: texts.optional(), default: z.string().optional() });

const EXPR_TEST = closedMap({
  expr: z.string('is missing; give the PromQL expression to ask'),
  eval_time: durationText.optional(),
  exp_samples: z
    .array(
      closedMap({ labels: z.string().default(''), value: z.string().optional(), histogram: z.string().optional() }),
      'must be a list',
    )
    .optional(),
});

const ALERT_TEST = closedMap({
  eval_time: durationText.optional(),
  alertname: z.string('is missing; name the alert').min(1, 'is empty; name the alert'),
  exp_alerts: z
    .array(closedMap({ exp_labels: stringMap.optional(), exp_annotations: stringMap.optional() }), 'must be a list')
    .optional(),
});

const CONTEXTUALIZE_TEST = closedMap({
  scope: closedMap({ env: ranked.optional(), site: ranked.optional() }).optional(),
  input_series: z.array(series, 'must be a list of series'),
  exp_series: z.array(series, 'must be a list of series').optional(),
  exp_dropped: z.array(closedMap({ series: z.string('is missing'), reason: z.string('is missing') })).optional(),
});

const GROUP = closedMap({
  name: z.string().optional(),
  interval: durationText.optional(),
  input_series: z.array(series, 'must be a list of series').optional(),
  alert_rule_test: z.array(ALERT_TEST, 'must be a list').optional(),
  promql_expr_test: z.array(EXPR_TEST, 'must be a list').optional(),
  external_labels: stringMap.optional(),
  external_url: z.string().optional(),
  start_timestamp: z.string().optional(),
  contextualize: z.array(CONTEXTUALIZE_TEST, 'must be a list').optional(),
});

const FILE = closedMap({
  rule_files: texts.optional(),
  relabel_files: texts.optional(),
  evaluation_interval: durationText.optional(),
  group_eval_order: texts.optional(),
  fuzzy_compare: z.enum(['true', 'false'], 'must be true or false').optional(),
  tests: z.array(GROUP, 'must be a list of tests').optional(),
});

type GivenSeries = z.infer<typeof series>;

class Reader {
  readonly #yaml: YamlFile;
  readonly #mistakes: Mistake[];

  constructor(yaml: YamlFile, mistakes: Mistake[]) {
    this.#yaml = yaml;
    this.#mistakes = mistakes;
  }

  group(path: YamlPath, given: z.infer<typeof GROUP>, evaluationInterval: number): TestGroup {
    return {
      name: given.name ?? '',
      interval: milliseconds(given.interval) || evaluationInterval,
      input: this.#seriesList([...path, 'input_series'], given.input_series ?? []),
      externalLabels: given.external_labels ?? {},
      externalUrl: given.external_url ?? '',
      start: this.#start([...path, 'start_timestamp'], given.start_timestamp),
      alerts: (given.alert_rule_test ?? []).map(alertTest),
      expressions: (given.promql_expr_test ?? []).map((one, i) =>
        this.#exprTest([...path, 'promql_expr_test', i], one),
      ),
      contextualize: (given.contextualize ?? []).map((one, i) =>
        this.#contextualizeTest([...path, 'contextualize', i], one),
      ),
    };
  }

  #exprTest(path: YamlPath, given: z.infer<typeof EXPR_TEST>): ExprTest {
    const samples = (given.exp_samples ?? []).flatMap(({ labels, value, histogram }, i) => {
      const at = [...path, 'exp_samples', i];
      const read = this.#metric([...at, 'labels'], labels);
      const wanted = this.#value([...at, histogram === undefined ? 'value' : 'histogram'], histogram ?? value ?? '0');
      return read === undefined || wanted === undefined ? [] : [{ labels: read, value: wanted }];
    });
    return { evalTime: milliseconds(given.eval_time), expr: given.expr, samples };
  }

  #contextualizeTest(path: YamlPath, given: z.infer<typeof CONTEXTUALIZE_TEST>): ContextualizeTest {
    const { env, site } = given.scope ?? {};
    const { labels: envLabels = DEFAULT_SCOPE.env.labels, ...envDefault } = env ?? {};
    const { labels: siteLabels = DEFAULT_SCOPE.site.labels, ...siteDefault } = site ?? {};
    const dropped = (given.exp_dropped ?? []).flatMap(({ series: text, reason }, i) => {
      const labels = this.#metric([...path, 'exp_dropped', i, 'series'], text);
      return labels === undefined ? [] : [{ labels, reason }];
    });
    return {
      scope: {
        ...DEFAULT_SCOPE,
        env: { labels: envLabels, ...defaultOf(envDefault) },
        site: { labels: siteLabels, ...defaultOf(siteDefault) },
      },
      input: this.#seriesList([...path, 'input_series'], given.input_series),
      series: this.#seriesList([...path, 'exp_series'], given.exp_series ?? []),
      dropped,
    };
  }

  #seriesList(path: YamlPath, given: readonly GivenSeries[]): TestSeries[] {
    return given.flatMap(({ series: text, values }, i) => {
      const line = this.#attempt([...path, i, 'series'], () => parseSeriesLine(`${text.trim()} ${values}`));
      return line?.kind === 'values' ? [{ labels: line.labels, values: line.values }] : [];
    });
  }

  /** The labels of a sample; none where nothing stands there, or `{}`. */
  #metric(path: YamlPath, text: string): Labels | undefined {
    return this.#attempt(path, () => {
      const cursor = new Cursor(text.trim() === '' ? '{}' : text.trim());
      const labels = readMetric(cursor);
      if (!cursor.atEnd) throw cursor.error('expected the end');
      return labels;
    });
  }

  #value(path: YamlPath, text: string): SequenceValue | undefined {
    return this.#attempt(path, () => {
      // YAML spells infinities and NaN with a dot before them.
      const line = parseSeriesLine(`{} ${text.replace(/^([+-]?)\.(?=[a-z])/i, '$1')}`);
      const [value, ...more] = line.kind === 'values' ? line.values : [];
      if (value === undefined || value.kind === 'omitted' || more.length > 0) throw new Error('must be one value');
      return value;
    });
  }

  #start(path: YamlPath, text: string | undefined): number {
    if (text === undefined) return 0;
    const time = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
    if (!Number.isNaN(time)) return time;
    this.#mistakes.push(mistakeAt(this.#yaml, path, 'must be seconds since 1970 or a time of RFC 3339'));
    return 0;
  }

  #attempt<T>(path: YamlPath, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.#mistakes.push(mistakeAt(this.#yaml, path, (error as Error).message));
      return undefined;
    }
  }
}

function alertTest({ eval_time, alertname, exp_alerts = [] }: z.infer<typeof ALERT_TEST>): AlertRuleTest {
  const alerts = exp_alerts.map(({ exp_labels = {}, exp_annotations = {} }) => ({
    labels: exp_labels,
    annotations: exp_annotations,
  }));
  return { evalTime: milliseconds(eval_time), alertname, alerts };
}

function defaultOf(given: { readonly default?: string | undefined }): { readonly default?: string } {
  return given.default === undefined ? {} : { default: given.default };
}

function milliseconds(text: string | undefined): number {
  return text === undefined ? 0 : (parseDuration(text) ?? 0);
}
