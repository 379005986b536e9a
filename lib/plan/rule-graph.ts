import type { Matcher } from '../model/matcher.ts';
import type { Mistake } from '../rules/mistake.ts';
import { maySelect, type RecordedSeries } from './recorded-series.ts';

/** A derived rule as the graph sees it. */
export interface RuleNode {
  /** As people call it: the record or the alert. */
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** Rules of one group, in their order, have one key. */
  readonly group: string;
  readonly series: RecordedSeries;
  /** The matchers of every selector of its expression. */
  readonly selectors: readonly (readonly Matcher[])[];
}

/** Why one rule has to run before another. */
interface Edge {
  readonly before: number;
  readonly why: 'reads' | 'follows';
}

/**
 * The level of each rule: it lies above everything that the rule reads, and never below the rule before it in its
 * group. Names that a selector does not spell out count as read where they can match.
 *
 * Prometheus lets a rule read what runs after it, and then shows it the evaluation before; here a rule reads the values
 * of its own time, so circles are mistakes, and their path is told.
 */
export function levelRules(nodes: readonly RuleNode[]): { levels: readonly number[]; mistakes: readonly Mistake[] } {
  const edges = edgesOf(nodes);
  const circle = findCircle(edges);
  if (circle !== undefined) return { levels: [], mistakes: [circleMistake(nodes, circle)] };
  const levels: (number | undefined)[] = nodes.map(() => undefined);
  const levelOf = (index: number): number => {
    levels[index] ??= Math.max(
      0,
      ...(edges[index] ?? []).map(({ before }) => {
        const isSequential = nodes[before]?.group === nodes[index]?.group;
        return levelOf(before) + (isSequential ? 0 : 1);
      }),
    );
    return levels[index];
  };
  return { levels: nodes.map((_, index) => levelOf(index)), mistakes: [] };
}

function edgesOf(nodes: readonly RuleNode[]): Edge[][] {
  return nodes.map((node, index) => {
    const reads = nodes.flatMap(({ series }, before): Edge[] =>
      node.selectors.some((matchers) => maySelect(matchers, series)) ? [{ before, why: 'reads' }] : [],
    );
    const previous = nodes.findLastIndex(({ group }, i) => i < index && group === node.group);
    return previous < 0 ? reads : [...reads, { before: previous, why: 'follows' }];
  });
}

interface Step extends Edge {
  readonly rule: number;
}

/** A circle of edges; reads before orders, so that the path told is the one that people wrote. */
function findCircle(edges: readonly (readonly Edge[])[]): readonly Step[] | undefined {
  const done = new Set<number>();
  const path: Step[] = [];
  const visit = (rule: number): readonly Step[] | undefined => {
    const start = path.findIndex((step) => step.rule === rule);
    if (start >= 0) return path.slice(start);
    if (done.has(rule)) return undefined;
    for (const edge of edges[rule] ?? []) {
      path.push({ ...edge, rule });
      const circle = visit(edge.before);
      if (circle !== undefined) return circle;
      path.pop();
    }
    done.add(rule);
    return undefined;
  };
  for (const rule of edges.keys()) {
    const circle = visit(rule);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

function circleMistake(nodes: readonly RuleNode[], circle: readonly Step[]): Mistake {
  const first = circle[0];
  const node = first === undefined ? undefined : nodes[first.rule];
  if (first === undefined || node === undefined) throw new Error('BUG: a circle without rules');
  const steps = circle.map(({ before, why }) => {
    const target = nodes[before];
    return `${why === 'reads' ? 'reads' : 'comes after'} ${target?.name} (${target?.file}:${target?.line})`;
  });
  const hint = circle.some(({ why }) => why === 'follows')
    ? 'move the rule that is read before the one that reads it'
    : 'no rule can be evaluated first; take one of them out of the circle';
  const message = `rules feed on each other: ${node.name} ${steps.join(', which ')}; ${hint}`;
  return { file: node.file, line: node.line, key: 'expr', message };
}
