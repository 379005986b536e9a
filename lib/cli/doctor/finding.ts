/** `note` and `warning` leave the exit code alone; `broken` does not. */
export type Verdict = 'ok' | 'note' | 'warning' | 'broken';

/** What one check found, and what to do about it. */
export interface Finding {
  /** What was looked at: `reach`, `clock`, `packs` … */
  readonly check: string;
  readonly verdict: Verdict;
  readonly message: string;
  readonly remedy?: string;
  /** Lines to paste. */
  readonly snippet?: readonly string[];
}

/** What is wrong with one server, or with what the API knows of a source. */
export interface Examined {
  /** URL of what was asked. */
  readonly subject: string;
  readonly findings: readonly Finding[];
  /** Series and dollars, where they could be told. */
  readonly expected?: Readonly<Record<string, number>>;
}

export function isBroken({ findings }: Examined): boolean {
  return findings.some(({ verdict }) => verdict === 'broken');
}
