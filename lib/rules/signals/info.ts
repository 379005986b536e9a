import { Matcher } from '../../model/matcher.ts';
import type { SignalExpansion } from './rule-draft.ts';
import { selectorText } from './selector.ts';
import type { SignalOf } from './signal.ts';

/** A version, from a label of a metric that is always 1. */
export const info: SignalExpansion<SignalOf<'info'>> = {
  problems: () => [],
  expand: ({ metric, where = [], source, version_type, version_label = 'version', labels }) => {
    const selector = selectorText(metric, '', [...where, new Matcher('!=', version_label, '')]);
    const version = {
      record: 'asserts:version:info',
      expr: `label_replace(${selector}, "version", "$1", "${version_label}", "(.+)")`,
      labels: { asserts_source: source, asserts_version_type: version_type, ...labels },
    };
    return { rules: [version], relabelConfigs: [] };
  },
};
