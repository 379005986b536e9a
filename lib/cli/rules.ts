import type { Command } from 'commander';
import { addRulesCheck } from './rules-check.ts';
import { addRulesTest } from './rules-test.ts';
import { addRulesTry } from './rules-try.ts';
import type { Terminal } from './terminal.ts';

/** Adds `tributary rules`: what people do with rules before they are used. */
export function addRules(program: Command, terminal: Terminal): void {
  const rules = program.command('rules').description('test, check and try rules before they are used');
  addRulesTest(rules, terminal);
  addRulesCheck(rules, terminal);
  addRulesTry(rules, terminal);
}
