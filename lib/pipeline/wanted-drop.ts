/** Whether samples were dropped for this reason because a pack, a rule or the way in wants it so: nothing is lost with them. */
export function isWantedDrop(reason: string): boolean {
  return WANTED.has(reason);
}

const WANTED = new Set(['relabel_drop', 'no_rule_matched', 'repeated']);
