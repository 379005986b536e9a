import { hash } from 'node:crypto';
import { invalidNextToken, type RulesParameters } from './rules-parameters.ts';
import type { ListedGroup } from './write-rule-group.ts';

export interface GroupPage {
  readonly groups: readonly ListedGroup[];
  /** Where the next page begins; absent on the last one. */
  readonly nextToken: string | undefined;
}

/** The groups from the one that the token names, at most `groupLimit` of them. @throws ApiError for an unknown token */
export function pageOfGroups(
  all: readonly ListedGroup[],
  { groupLimit, nextToken }: Pick<RulesParameters, 'groupLimit' | 'nextToken'>,
): GroupPage {
  const start = nextToken === undefined ? 0 : all.findIndex((group) => tokenOf(group) === nextToken);
  if (start < 0) throw invalidNextToken(nextToken ?? '');
  const end = groupLimit === undefined ? all.length : start + groupLimit;
  const next = all[end];
  return { groups: all.slice(start, end), nextToken: next && tokenOf(next) };
}

/** As Prometheus makes it, so that it survives a restart. */
function tokenOf({ group }: ListedGroup): string {
  return hash('sha1', `${group.file};${group.name}`, 'hex');
}
