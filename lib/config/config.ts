import type { Tenant } from '../context/tenant.ts';
import type { EvaluationSettings } from '../pipeline/evaluate/evaluation-settings.ts';
import type { Mistake } from '../rules/mistake.ts';
import type { Retention } from '../storage/interface.ts';
import type { QuerySettings } from './query-settings.ts';

/** What tributary.yml says, checked and with every default filled in. */
export interface Config {
  /** Where it was read from. */
  readonly file: string;
  /** Names of folders of `rules/packs/`. */
  readonly packs: readonly string[];
  /** Folders of the user's own rules, relative to the file. */
  readonly rules: readonly string[];
  /** The lines that name each of them, counted from 1. */
  readonly lines: { readonly packs: readonly number[]; readonly rules: readonly number[] };
  readonly retention: Retention;
  readonly query: QuerySettings;
  readonly evaluation: EvaluationSettings;
  readonly tenants: readonly Tenant[];
  /** What can be used but will surprise: doors that stay closed because a variable is not set. */
  readonly warnings: readonly Mistake[];
}

export const DEFAULT_RETENTION: Retention = { normalised: { days: 2 }, derived: { days: 400 } };
