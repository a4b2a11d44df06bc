/** @file Columns of numbers that only grow, each in one piece of memory. */

const FIRST_ROWS = 1024;

export class GrowingNumbers<Name extends string> {
  /** Rows in each column. */
  size = 0;
  readonly #names: readonly Name[];
  /** Numbers in a row. */
  readonly #width: number;
  #columns: Record<Name, Float64Array>;

  constructor(names: readonly Name[], width: number) {
    this.#names = names;
    this.#width = width;
    this.#columns = this.#allocated(FIRST_ROWS);
  }

  /** @param row of a column: as many numbers as a row has. */
  add(row: (name: Name) => readonly number[]): void {
    const at = this.#width * this.size;
    if (at === this.#columns[this.#names[0]!].length) this.#grow();
    for (const name of this.#names) this.#columns[name].set(row(name), at);
    this.size++;
  }

  /** The first rows of a column, the caller's own. */
  copy(name: Name, rows: number): Float64Array {
    return this.#columns[name].slice(0, this.#width * rows);
  }

  #grow(): void {
    const larger = this.#allocated(2 * this.size);
    for (const name of this.#names) larger[name].set(this.#columns[name]);
    this.#columns = larger;
  }

  #allocated(rows: number): Record<Name, Float64Array> {
    const columns = this.#names.map((name) => [name, new Float64Array(this.#width * rows)]);
    return Object.fromEntries(columns) as Record<Name, Float64Array>;
  }
}
