import { ABSENT, type VectorSeries } from '../value.ts';

/** Which of a group's members an operator keeps at each step; the series keep their labels and values. */
export class SeriesChoice {
  readonly #members: readonly VectorSeries[];
  readonly #kinds: (Uint8Array | undefined)[] = [];

  constructor(members: readonly VectorSeries[]) {
    this.#members = members;
  }

  keep(index: number, step: number): void {
    const member = this.#members[index] as VectorSeries;
    const kinds = this.#kinds[index] ?? new Uint8Array(member.kinds.length);
    this.#kinds[index] = kinds;
    kinds[step] = member.kinds[step] ?? ABSENT;
  }

  /** The members that were kept anywhere, with nothing but what was kept. */
  get series(): VectorSeries[] {
    return this.#members.flatMap((member, index) => {
      const kinds = this.#kinds[index];
      return kinds === undefined ? [] : [{ ...member, kinds }];
    });
  }
}
