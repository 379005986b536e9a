import { MemoryRegisters } from '../../../lib/storage/memory/memory-registers.ts';
import { registersSuite } from '../../suites/registers.suite.ts';

registersSuite('memory', () => {
  const registers = new MemoryRegisters();
  return { open: () => registers };
});
