import type { UsageSums } from '../storage/usage.ts';

/** Adds up what tenants took, until nothing is left or the deadline (ms) comes. Resolves to the tenants that failed, and why. */
export async function addUpUsage(
  tenants: readonly { readonly name: string }[],
  { sums, now }: { readonly sums?: UsageSums; readonly now: () => number },
  deadline: number,
): Promise<ReadonlyMap<string, Error>> {
  const failures = new Map<string, Error>();
  for (const { name } of sums === undefined ? [] : tenants) {
    try {
      while (now() < deadline && ((await sums?.addUp(name)) ?? 0) > 0);
    } catch (error) {
      failures.set(name, error instanceof Error ? error : new Error(String(error)));
    }
  }
  return failures;
}
