import type { FuzzTarget } from '../fuzz-target.ts';
import { ANSWER_TARGETS } from './answers.ts';
import { EVENT_TARGETS } from './events.ts';
import { EXPRESSION_TARGETS } from './expressions.ts';
import { FILE_TARGETS } from './files.ts';
import { PAGE_TARGETS } from './pages.ts';
import { WIRE_TARGETS } from './wire.ts';

/** Every parser of something that others write. */
export const TARGETS: readonly FuzzTarget[] = [
  ...WIRE_TARGETS,
  ...PAGE_TARGETS,
  ...EXPRESSION_TARGETS,
  ...FILE_TARGETS,
  ...ANSWER_TARGETS,
  ...EVENT_TARGETS,
];
