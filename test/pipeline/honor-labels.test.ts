import { describe, expect, it } from 'vitest';
import { Labels } from '../../lib/model/labels.ts';
import { honorLabels } from '../../lib/pipeline/honor-labels.ts';

const OWN = { job: 'fed', instance: 'prometheus:9090' };

function honored(labels: Record<string, string>, isHonored: boolean): Record<string, string> {
  return Labels.from(honorLabels(Labels.from(labels), isHonored, OWN)).toJSON();
}

describe('honorLabels', () => {
  it('keeps labels as they are, and adds none', () => {
    expect(honored({ __name__: 'up', job: 'a', instance: '' }, true)).toEqual({ __name__: 'up', job: 'a' });
  });

  it('else sets its own and renames those of the series, again where that name is taken', () => {
    expect(honored({ __name__: 'up' }, false)).toEqual({ __name__: 'up', ...OWN });
    expect(honored({ __name__: 'up', job: 'a', exported_job: 'b', exported_exported_job: 'c' }, false)).toEqual({
      __name__: 'up',
      ...OWN,
      exported_job: 'b',
      exported_exported_job: 'c',
      exported_exported_exported_job: 'a',
    });
  });
});
