import { describe, expect, it } from 'vitest';
import { applyScope, missingEnvDetail } from '../../lib/context/scope.ts';
import { DEFAULT_SCOPE, type ScopeConfig } from '../../lib/context/tenant.ts';
import { Labels } from '../../lib/model/labels.ts';
import { series } from '../model/series.ts';

describe('applyScope', () => {
  it('takes the first label of the ranking that has a value', () => {
    const labels = series('up{env="b",deployment_environment="a",cluster="c",region="r"}');
    expect(applyScope(labels, DEFAULT_SCOPE).toJSON()).toMatchObject({ asserts_env: 'a', asserts_site: 'c', env: 'b' });
  });

  it('falls back to the default', () => {
    const scope: ScopeConfig = { env: { labels: ['stage'], default: 'dev' }, site: { labels: [] } };
    expect(applyScope(series('up'), scope)).toEqual(series('up{asserts_env="dev"}'));
    expect(applyScope(series('up{stage="prod"}'), scope).get('asserts_env')).toBe('prod');
  });

  it('does not believe an asserts_env that the source is not configured to bring', () => {
    const scope: ScopeConfig = { env: { labels: [], default: 'dev' }, site: { labels: [] } };
    expect(applyScope(series('up{asserts_env="prod",asserts_site="x"}'), scope)).toEqual(
      series('up{asserts_env="dev"}'),
    );
  });

  it('returns the very labels where they already say it', () => {
    const labels = series('up{asserts_env="prod"}');
    expect(applyScope(labels, DEFAULT_SCOPE)).toBe(labels);
  });

  it('leaves the scope unset where nothing gives it, and says what to do', () => {
    expect(applyScope(series('up'), DEFAULT_SCOPE).has('asserts_env')).toBe(false);
    expect(missingEnvDetail(DEFAULT_SCOPE, Labels.empty)).toMatch(
      /none of asserts_env, deployment_environment_name, .* scope\.env\.default/,
    );
    expect(missingEnvDetail({ env: { labels: [] }, site: { labels: [] } }, Labels.empty)).toMatch(
      /^no label is configured/,
    );
    const staged = Labels.from({ __name__: 'x', stage: 'prod', k8s_env: 'a', deployment: 'cart', environment: '' });
    expect(missingEnvDetail({ env: { labels: ['k8s_env'] }, site: { labels: [] } }, staged)).toContain(
      'scope.env.labels of the source in tributary.yml (it has stage="prod"), or give',
    );
  });
});
