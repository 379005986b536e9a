/** How two ways of doing something compare in time, measured in turns so that whatever else happens meets both alike. */
export interface Comparison {
  /** Medians of the tries, ns. */
  readonly medians: readonly [number, number];
  /** How often a difference of medians as large as this comes about by chance, 0 to 1. */
  readonly chance: number;
}

const PERMUTATIONS = 1000;

/** Times both `tries` times in random order, and asks by permutation whether their medians differ. */
export async function compareTimes(
  tries: number,
  first: () => unknown,
  second: () => unknown,
  random: () => number = Math.random,
): Promise<Comparison> {
  const ways = [first, second] as const;
  for (let i = 0; i < tries / 10; i++) for (const way of ways) await way();
  const times: [number[], number[]] = [[], []];
  for (let i = 0; i < tries; i++) {
    const order = random() < 0.5 ? ([0, 1] as const) : ([1, 0] as const);
    for (const which of order) {
      const began = process.hrtime.bigint();
      await ways[which]();
      times[which].push(Number(process.hrtime.bigint() - began));
    }
  }
  const medians = [median(times[0]), median(times[1])] as const;
  return { medians, chance: chanceOf(times, Math.abs(medians[0] - medians[1]), random) };
}

/** Pairs were measured together, so what is permuted is which of a pair is which. */
function chanceOf([first, second]: readonly [number[], number[]], difference: number, random: () => number): number {
  let asLarge = 0;
  for (let i = 0; i < PERMUTATIONS; i++) {
    const [a, b] = [[...first], [...second]];
    for (let j = 0; j < a.length; j++) {
      if (random() < 0.5) [a[j], b[j]] = [b[j] as number, a[j] as number];
    }
    if (Math.abs(median(a) - median(b)) >= difference) asLarge++;
  }
  return asLarge / PERMUTATIONS;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
