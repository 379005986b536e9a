import type { Matcher } from '../../model/matcher.ts';
import { ApiError, invalidParameter } from '../api-error.ts';
import { goQuote } from '../params/go-quote.ts';
import type { Params } from '../params/params.ts';
import { selectorsOf } from '../params/selectors.ts';

/** What `/api/v1/rules` is asked for; empty sets ask for everything. */
export interface RulesParameters {
  readonly type: 'alert' | 'record' | undefined;
  readonly names: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly files: ReadonlySet<string>;
  readonly matchers: readonly (readonly Matcher[])[];
  readonly excludeAlerts: boolean;
  /** Most groups in one answer. */
  readonly groupLimit: number | undefined;
  /** The group that the page begins with, as the page before named it. */
  readonly nextToken: string | undefined;
}

/** @throws ApiError in Prometheus's words */
export function rulesParameters(params: Params): RulesParameters {
  const groupLimit = groupLimitOf(params);
  const nextToken = params.get('group_next_token') || undefined;
  if (nextToken !== undefined && groupLimit === undefined) {
    throw invalidParameter('group_limit', 'group_limit needs to be present in order to paginate over the groups');
  }
  return {
    type: typeOf(params.get('type')),
    names: new Set(params.all('rule_name[]')),
    groups: new Set(params.all('rule_group[]')),
    files: new Set(params.all('file[]')),
    matchers: selectorsOf(params),
    excludeAlerts: booleanOf(params.get('exclude_alerts')),
    groupLimit,
    nextToken,
  };
}

export function invalidNextToken(token: string): ApiError {
  return new ApiError('bad_data', `invalid group_next_token '${token}'. were rule groups changed?`);
}

function typeOf(text: string): 'alert' | 'record' | undefined {
  const type = text.toLowerCase();
  if (type === 'alert' || type === 'record') return type;
  if (type === '') return undefined;
  throw invalidParameter('type', `not supported value ${goQuote(type)}`);
}

/** What Go's `strconv.ParseBool` takes. */
function booleanOf(text: string): boolean {
  if (text === '' || ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  const reason = `strconv.ParseBool: parsing ${goQuote(text)}: invalid syntax`;
  throw invalidParameter('exclude_alerts', `error converting exclude_alerts: ${reason}`);
}

function groupLimitOf(params: Params): number | undefined {
  const text = params.get('group_limit');
  if (text === '') return undefined;
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(Number(text))) {
    const reason = `strconv.ParseInt: parsing ${goQuote(text)}: invalid syntax`;
    throw invalidParameter('group_limit', `group_limit needs to be a valid number: ${reason}`);
  }
  if (Number(text) > 0) return Number(text);
  throw invalidParameter('group_limit', 'group_limit needs to be greater than 0');
}
