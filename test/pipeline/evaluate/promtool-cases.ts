import { STALE_NAN } from '../../../lib/model/stale-marker.ts';

/** A unit test of rules: what is loaded, which rules run, and when to look. Times in minutes. */
export interface RuleCase {
  readonly name: string;
  /** The rules of each group, as YAML maps. */
  readonly groups: readonly (readonly string[])[];
  /** Values a minute apart; undefined is a gap, the stale marker an end. */
  readonly input: Readonly<Record<string, readonly (number | undefined)[]>>;
  readonly alerts: readonly string[];
  readonly expressions: readonly string[];
  readonly times: readonly number[];
}

/** Pseudo-random choices that are the same in every run. */
class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed * 2654435761 + 1;
  }

  below(bound: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * bound);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }
}

const MINUTES = 24;

/** Windows that end between two samples: Prometheus 2 counts a sample at the left end, and Prometheus 3 does not. */
const WINDOWS = ['2m30s', '4m30s', '7m30s'];

export function ruleCase(seed: number): RuleCase {
  const dice = new Dice(seed);
  const kind = dice.pick(['alert', 'alert', 'alert', 'record', 'chain'] as const);
  const input = Object.fromEntries(
    ['a', 'b', 'c'].slice(0, 1 + dice.below(3)).map((name) => [`load{instance="${name}:90",job="api"}`, gauge(dice)]),
  );
  const counters = Object.fromEntries(
    ['200', '404', '500'].map((code) => [`requests_total{code="${code}",instance="a:90",job="api"}`, counter(dice)]),
  );
  const times = [3, 6, 8, 11, 14, 17, 20, 23];
  const all = { ...input, ...counters };
  if (kind === 'record') return { name: `record ${seed}`, ...recording(dice), input: all, alerts: [], times };
  if (kind === 'chain') return { name: `chain ${seed}`, ...chain(dice), input: all, times };
  return { name: `alert ${seed}`, ...alerting(dice), input: all, times };
}

function gauge(dice: Dice): (number | undefined)[] {
  let value = dice.below(10);
  const values: (number | undefined)[] = [];
  for (let i = 0; i < MINUTES; i++) {
    value = dice.below(4) === 0 ? dice.below(12) : value;
    values.push(value);
  }
  // A series that ends, or comes late, or has a short gap.
  const at = 5 + dice.below(12);
  const fate = dice.below(4);
  if (fate === 0) return [...values.slice(0, at), STALE_NAN];
  if (fate === 1) return [...values.slice(0, at).map(() => undefined), ...values.slice(at)];
  if (fate === 2) return [...values.slice(0, at), STALE_NAN, undefined, undefined, ...values.slice(at + 3)];
  return values;
}

/**
 * Far from zero even after a reset: near it, Prometheus 2 and 3 extrapolate differently.
 */
function counter(dice: Dice): number[] {
  let value = 100_000;
  return Array.from({ length: MINUTES }, () => {
    value = dice.below(15) === 0 ? 50_000 : value + dice.below(9) * 30;
    return value;
  });
}

/** Rounded: the last bit of an extrapolation differs between versions of Prometheus. */
const RATES = (dice: Dice) => `round(${dice.pick(['rate', 'increase'])}(requests_total[${dice.pick(WINDOWS)}]) * 1000)`;

function recording(dice: Dice) {
  const exprs = [
    `sum by (job) (${RATES(dice)})`,
    `max without (instance) (load)`,
    `count by (code) (requests_total > ${dice.below(200)})`,
    `load > ${dice.below(8)}`,
    `round(avg_over_time(load[${dice.pick(WINDOWS)}]) * 1000)`,
    `label_replace(load > -1, "host", "$1", "instance", "(.*):.*")`,
    `sum(load) or vector(0)`,
    `bottomk(9, load)`,
    `absent(load{instance="c:90"})`,
    `1 - load / 12`,
  ];
  const first = dice.pick(exprs);
  const second = dice.pick(exprs);
  return {
    groups: [
      [
        `{record: "one:rule", expr: ${JSON.stringify(first)}, labels: {kind: one, job: "${dice.pick(['', 'own'])}"}}`,
        `{record: "two:rule", expr: ${JSON.stringify(second)}}`,
      ],
    ],
    expressions: ['one:rule', 'two:rule', 'count_over_time(one:rule[30m])'],
  };
}

function chain(dice: Dice) {
  return {
    groups: [
      [
        `{record: "job:load:sum", expr: "sum by (job) (load)"}`,
        `{record: "job:load:twice", expr: "job:load:sum * 2"}`,
        `{alert: High, expr: "job:load:twice > ${dice.below(30)}", for: ${dice.below(3)}m, annotations: {now: "{{ $value }} of {{ $labels.job }}"}}`,
        `{record: "alerts:count", expr: "count by (alertstate) (ALERTS)"}`,
      ],
    ],
    alerts: ['High'],
    expressions: ['job:load:twice', 'alerts:count', 'ALERTS', 'ALERTS_FOR_STATE'],
  };
}

const ANNOTATIONS = [
  '{{ $labels.instance }} has {{ $value }}',
  '{{ $value | humanize }}/{{ humanize1024 $value }}/{{ humanizeDuration $value }}/{{ humanizePercentage $value }}',
  '{{ printf "%.2f|%5.1f|%-6s|%e|%g|%v" $value $value $labels.job $value $value $value }}',
  '{{ if gt $value 5.0 }}high{{ else if gt $value 3.0 }}middle{{ else }}low{{ end }}',
  '{{ with query "sum(load)" }}{{ . | first | value | humanize }}{{ end }}',
  '{{ range query "load" | sortByLabel "instance" }}{{ .Labels.instance }}={{ .Value }};{{ end }}',
  '{{ range $i, $s := query "load" | sortByLabel "instance" }}{{ $i }}:{{ $s.Labels.instance }} {{ end }}',
  '{{ $x := $value }}{{- $x -}} {{ .Value }}',
  '{{ $labels.instance | reReplaceAll "(.*):(.*)" "${2}-$1" }} {{ $labels.job | toUpper | title }}',
  '{{ if and (eq $labels.job "api") (match "^[ab]:" $labels.instance) }}ab{{ end }}{{/* silent */}}{{- /* and trimmed */ -}} ',
  '{{ $labels.missing }}|{{ len $labels.job }}|{{ index $labels "job" }}|{{ stripPort $labels.instance }}',
  '{{ range $k, $v := $labels }}{{ $k }}={{ $v }},{{ end }}',
  '{{ not true }} {{ or "" "x" }} {{ 1.5e9 | humanize }} {{ 0.00012 | humanize }} {{ 93784.0 | humanizeDuration }} {{ 0.0123 | humanizeDuration }}',
  '{{ 1435065584.128 | humanizeTimestamp }} {{ args 1 "b" }} {{ print 1 2 "x" }} {{ 12345.0 | humanize }} {{ 1e21 }} {{ 1000000.0 }}',
  '{{ with $labels.nothing }}never{{ else }}nothing{{ end }} {{ graphLink "up == 0" }} {{ "a<b" | safeHtml }}',
  '{{ printf "%d %s %q %v %x %05d %+d %t" 7 "s" "q" "v" "hex" 42 3 true }} {{ printf "%d" 1.5 }} {{ printf "%s" }}',
];

function alerting(dice: Dice) {
  const keep = dice.pick([0, 0, 2, 4]);
  const annotations = [dice.pick(ANNOTATIONS), dice.pick(ANNOTATIONS)];
  const expr = dice.pick([
    `load > ${dice.below(8)}`,
    `load == 0 or load > ${4 + dice.below(5)}`,
    `sum by (job, instance) (load) >= ${dice.below(9)}`,
    `absent(load{instance="c:90"})`,
    `${RATES(dice)} > ${dice.below(3)}`,
  ]);
  return {
    groups: [
      [
        `{alert: Trouble, expr: ${JSON.stringify(expr)}, for: ${dice.pick([0, 1, 2, 5])}m, ${keep > 0 ? `keep_firing_for: ${keep}m, ` : ''}` +
          `labels: {severity: page, where: "at {{ $labels.instance }}"}, ` +
          `annotations: {one: ${JSON.stringify(annotations[0])}, two: ${JSON.stringify(annotations[1])}}}`,
      ],
    ],
    alerts: ['Trouble'],
    expressions: ['ALERTS', 'ALERTS_FOR_STATE', 'count_over_time(ALERTS{alertstate="firing"}[30m])'],
  };
}
