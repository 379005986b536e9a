import type { RelabelConfig } from '../../relabel/relabel-config.ts';
import type { YamlPath } from '../yaml-file.ts';

/** A rule that a signal stands for. */
export interface RuleDraft {
  readonly record: string;
  readonly expr: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What of the signal it comes from; the signal as a whole where absent. */
  readonly at?: YamlPath;
  /** Reads what several signals of a file may record together; the first of them brings it for all. */
  readonly isShared?: true;
}

/** What is wrong with a signal as a whole, at one of its keys. */
export interface SignalProblem {
  readonly key: string;
  readonly message: string;
}

/** What a signal stands for. */
export interface Expansion {
  readonly rules: readonly RuleDraft[];
  readonly relabelConfigs: readonly RelabelConfig[];
}

/** One kind of signal: what its keys must be to each other, and what it stands for. */
export interface SignalExpansion<S> {
  readonly problems: (signal: S) => readonly SignalProblem[];
  /** Called for signals without problems. */
  readonly expand: (signal: S) => Expansion;
}

/** Values by constants. */
export function scaled(
  expr: string,
  { multiply, divide }: { multiply?: number | undefined; divide?: number | undefined },
): string {
  return `${expr}${multiply === undefined ? '' : ` * ${multiply}`}${divide === undefined ? '' : ` / ${divide}`}`;
}
