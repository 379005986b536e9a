import { describe, expect, it } from 'vitest';
import { asIdentity, identityShape } from '../../lib/config/identity.ts';
import { DEFAULT_IDENTITY, IDENTITY_LABELS } from '../../lib/context/identity.ts';

describe('the identity of a source', () => {
  it('has a default for everything', () => {
    expect(asIdentity(undefined)).toEqual(DEFAULT_IDENTITY);
    expect(asIdentity(identityShape.parse({}))).toEqual(DEFAULT_IDENTITY);
  });

  it('replaces the rankings that are written, and no others', () => {
    const written = identityShape.parse({ workload: ['app'], pod: [], workload_from_pod: false });
    expect(asIdentity(written)).toEqual({ ...DEFAULT_IDENTITY, workload: ['app'], pod: [], workloadFromPod: false });
  });

  it.each([
    [{ workload: ['my-app'] }, 'is not a label name'],
    [{ workload: 'app' }, 'must be a list of label names, best first'],
    [{ workload_from_pod: 'yes' }, 'must be true or false'],
    [{ worklod: ['app'] }, 'worklod'],
  ])('%j is a mistake', (written, message) => {
    const result = identityShape.safeParse(written);
    expect(JSON.stringify(result.error?.issues)).toContain(message);
  });

  it('has a key for every label of identity', () => {
    for (const label of IDENTITY_LABELS)
      expect(asIdentity(identityShape.parse({ [label]: ['x'] }))[label]).toEqual(['x']);
  });
});
