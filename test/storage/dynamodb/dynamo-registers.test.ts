import { expect, it } from 'vitest';
import { DynamoRegisters } from '../../../lib/storage/dynamodb/dynamo-registers.ts';
import { StorageUnavailableError } from '../../../lib/storage/errors.ts';
import { registersSuite } from '../../suites/registers.suite.ts';
import { onEveryEngine } from './on-every-engine.ts';

onEveryEngine((engine, table) => {
  registersSuite(engine, () => ({ open: () => new DynamoRegisters({ ...table(), now: Date.now }) }));

  it('can be replaced when they have expired and nobody has deleted them', async () => {
    let now = Date.UTC(2025, 10, 22);
    const registers = new DynamoRegisters({ ...table(), now: () => now });
    const register = { area: 'leaders', name: 'x' };
    await registers.replace('away', register, 0, 'old', 1);
    now += 10 * 86_400_000;
    expect(await registers.read('away', register)).toEqual({ revision: 1, value: 'old' });
    expect(await registers.replace('away', register, 1, 'new', 1)).toBe(true);
  });

  it('say that the store is out of reach, and not that somebody else won', async () => {
    const registers = new DynamoRegisters({ ...table(), tableName: 'no-such-table', now: Date.now });
    const register = { area: 'leaders', name: 'x' };
    await expect(registers.replace('t', register, 0, 1, 1)).rejects.toThrow(StorageUnavailableError);
    await expect(registers.read('t', register)).rejects.toThrow(StorageUnavailableError);
    await expect(registers.list('t', 'leaders')).rejects.toThrow(StorageUnavailableError);
  });
});
