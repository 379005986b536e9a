import { ApiError, invalidParameter } from '../api-error.ts';
import { goQuote } from './go-quote.ts';
import { parseDuration } from './parse-duration.ts';
import { MAX_TIME, MIN_TIME, parseTime } from './parse-time.ts';

/** The parameters of a request. An empty value counts as an absent parameter, as in Prometheus. */
export class Params {
  readonly #search: URLSearchParams;

  constructor(search: URLSearchParams) {
    this.#search = search;
  }

  /** The first value, or `''`. */
  get(name: string): string {
    return this.#search.get(name) ?? '';
  }

  /** Every value, in order. */
  all(name: string): readonly string[] {
    return this.#search.getAll(name);
  }

  /** A time that must be given, ms. */
  time(name: string): number {
    return parsed(name, () => parseTime(this.get(name)));
  }

  /** A time that may be left out, ms. */
  timeOr(name: string, absent: number): number {
    if (this.get(name) === '') return absent;
    return parsed(name, () => {
      try {
        return parseTime(this.get(name));
      } catch (error) {
        throw new Error(`Invalid time value for '${name}': ${(error as Error).message}`);
      }
    });
  }

  /** `start` and `end` of a lookup of series; without them: all time. */
  timeRange(): { readonly mint: number; readonly maxt: number } {
    return { mint: this.timeOr('start', MIN_TIME), maxt: this.timeOr('end', MAX_TIME) };
  }

  /** A duration that must be given, ms. */
  duration(name: string): number {
    return parsed(name, () => parseDuration(this.get(name)));
  }

  /** How many entries to return; 0 (also when absent) is no limit. */
  limit(): number {
    const text = this.get('limit');
    if (text === '') return 0;
    return parsed('limit', () => {
      if (!/^[+-]?\d+$/.test(text)) throw new Error(`strconv.Atoi: parsing ${goQuote(text)}: invalid syntax`);
      const limit = Number(text);
      if (!Number.isSafeInteger(limit)) throw new Error(`strconv.Atoi: parsing ${goQuote(text)}: value out of range`);
      if (limit < 0) throw new Error('limit must be non-negative');
      return limit;
    });
  }

  /** A count of the metadata endpoint, which words its error in its own way; undefined when absent. */
  count(name: string): number | undefined {
    const text = this.get(name);
    if (text === '') return undefined;
    if (!/^[+-]?\d+$/.test(text)) throw new ApiError('bad_data', `${name} must be a number`);
    return Number(text);
  }
}

function parsed<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw invalidParameter(name, (error as Error).message);
  }
}
