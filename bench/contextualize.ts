import { contextualizeMessages } from '../lib/pipeline/contextualize.ts';
import type { MatcherSpec, Plan } from '../lib/plan/plan.ts';
import { cpuSecondsOf, median, NO_CLIENT, newWorkerParts, round, samplesIn } from './worker-parts.ts';
import { planOfAllPacks, SCRAPE_INTERVAL_MS, type Scrape, WorkerTraffic } from './worker-traffic.ts';

const TIMES = [1, 10, 100];
const ROUNDS = 7;
const SERIES = 20_000;
const WARM_SCRAPES = 3;
/** New series of a round: other pods each time. */
const NEW_SERIES = 4000;
const NEW_PODS = 1000;

/**
 * `npm run bench -- contextualize`: CPU seconds for a million raw samples through decoding, relabel configs, mapping rules
 * and block packing with all packs, and with ten and a hundred times as many rules and relabel configs that match nothing.
 * `warm`: series that the worker knows; `cold`: series it has never seen. The contenders take turns in every round.
 */
export async function run(): Promise<Record<string, unknown>> {
  const plan = planOfAllPacks();
  const traffic = new WorkerTraffic(plan);
  const now = Date.now();
  const steady: Scrape[] = [];
  for (let i = 0; i < WARM_SCRAPES + 1; i++) {
    steady.push(await traffic.scrape(SERIES, now - (WARM_SCRAPES + 1 - i) * SCRAPE_INTERVAL_MS));
  }
  const [first, ...scrapes] = steady as [Scrape, ...Scrape[]];
  const contenders = TIMES.map((times) => {
    const larger = withIdleRules(plan, times - 1);
    return {
      times,
      plan: larger,
      parts: newWorkerParts(larger, NO_CLIENT),
      warm: [] as number[],
      cold: [] as number[],
    };
  });
  for (const { parts } of contenders) await cpuSecondsOf(contextualizeMessages, parts, [first, ...scrapes]);
  for (let i = -1; i < ROUNDS; i++) {
    const fresh = await traffic.scrape(NEW_SERIES, now, (i + 2) * NEW_PODS);
    for (const { parts, warm, cold } of contenders) {
      const ofWarm = await cpuSecondsOf(contextualizeMessages, parts, scrapes);
      const ofCold = await cpuSecondsOf(contextualizeMessages, parts, [fresh]);
      // The first round is for the compiler.
      if (i < 0) continue;
      warm.push((ofWarm / samplesIn(scrapes)) * 1e6);
      cold.push((ofCold / fresh.samples) * 1e6);
    }
  }
  const ratio = (kind: 'warm' | 'cold', index: number) =>
    round(median((contenders[index]?.[kind] ?? []).map((figure, i) => figure / (contenders[0]?.[kind][i] ?? 0))));
  return {
    table: contenders.map(({ times, plan: { mappings, relabelConfigs }, warm, cold }, i) => ({
      'rules ×': times,
      'mapping rules': mappings.length,
      'relabel configs': relabelConfigs.length,
      'warm CPU-s/M': round(median(warm)),
      'warm / ×1': ratio('warm', i),
      'cold CPU-s/M': round(median(cold)),
      'cold / ×1': ratio('cold', i),
    })),
    cpuSecondsPerMillion: round(median(contenders[0]?.warm ?? [])),
    ratioAt10x: ratio('warm', 1),
    ratioAt100x: ratio('warm', 2),
    coldCpuSecondsPerMillion: round(median(contenders[0]?.cold ?? [])),
    coldRatioAt10x: ratio('cold', 1),
    coldRatioAt100x: ratio('cold', 2),
  };
}

/** The plan with copies of its rules and relabel configs about metrics that nobody sends. */
function withIdleRules(plan: Plan, copies: number): Plan {
  const prefixes = Array.from({ length: copies }, (_, i) => `idle${i}_`);
  const ofNames = plan.relabelConfigs.filter(({ sourceLabels }) => sourceLabels[0] === '__name__');
  return {
    ...plan,
    mappings: [
      ...plan.mappings,
      ...prefixes.flatMap((prefix) =>
        plan.mappings.map((rule) => ({ ...rule, matchers: rule.matchers.map((matcher) => renamed(matcher, prefix)) })),
      ),
    ],
    relabelConfigs: [
      ...plan.relabelConfigs,
      ...prefixes.flatMap((prefix) => ofNames.map((config) => ({ ...config, regex: `${prefix}${config.regex}` }))),
    ],
  };
}

function renamed(matcher: MatcherSpec, prefix: string): MatcherSpec {
  if (matcher.name !== '__name__') return matcher;
  return { ...matcher, value: matcher.type === '=' ? `${prefix}${matcher.value}` : `${prefix}(${matcher.value})` };
}
