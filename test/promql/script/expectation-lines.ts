import type { LegacyEval } from './eval-header.ts';
import type { Expectations, TextExpectation } from './script.ts';

const EXPECT = /^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):\s*(.*))?$/;
const LEGACY = /^expected_fail_(message|regexp)\s+(.*)$/;

/** Gathers the `expect …` lines of one eval and refuses those that contradict each other. */
export class ExpectationReader {
  readonly #texts: Record<'fail' | 'warn' | 'info', TextExpectation[]> = { fail: [], warn: [], info: [] };
  readonly #flags = new Set<string>();
  readonly #legacy: LegacyEval | undefined;

  constructor(legacy: LegacyEval | undefined) {
    this.#legacy = legacy;
    if (legacy === 'ordered') this.#flags.add('ordered');
    else if (legacy === 'warn' || legacy === 'info') this.#texts[legacy].push({});
  }

  read(text: string): void {
    if (this.#legacy !== undefined) throw new Error(`expect lines do not go with eval_${this.#legacy}`);
    const [, what = '', how, pattern = ''] = EXPECT.exec(text) ?? [];
    if (what === '') {
      throw new Error(
        'expected one of: expect ordered, fail, warn, no_warn, info, no_info, string, range vector (msg: or regex: after fail, warn, info)',
      );
    }
    if (what === 'fail' || what === 'warn' || what === 'info') this.#texts[what].push(textExpectation(how, pattern));
    else if (how !== undefined) throw new Error(`expect ${what} takes no ${how}`);
    else this.#flags.add(what);
  }

  /** `expected_fail_message …` and `expected_fail_regexp …`; false when the line is neither. */
  readLegacy(text: string): boolean {
    const [, how, pattern = ''] = LEGACY.exec(text) ?? [];
    if (how === undefined || this.#legacy !== 'fail') return false;
    this.#texts.fail.push(textExpectation(how === 'message' ? 'msg' : 'regex', pattern));
    return true;
  }

  finish(): Expectations {
    const { warn, info } = this.#texts;
    const fail = this.#legacy === 'fail' && this.#texts.fail.length === 0 ? [{}] : this.#texts.fail;
    for (const kind of ['warn', 'info'] as const) {
      if (this.#texts[kind].length > 0 && this.#flags.has(`no_${kind}`)) {
        throw new Error(`expect ${kind} and expect no_${kind} contradict each other`);
      }
    }
    if (fail.length > 1) throw new Error('expect fail is given twice');
    return {
      ordered: this.#flags.has('ordered'),
      fail,
      warn,
      info,
      noWarn: this.#flags.has('no_warn'),
      noInfo: this.#flags.has('no_info'),
    };
  }
}

function textExpectation(how: string | undefined, pattern: string): TextExpectation {
  if (how === undefined) return {};
  return how === 'msg' ? { message: pattern.trim() } : { regex: new RegExp(pattern.trim()) };
}
