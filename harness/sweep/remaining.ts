/** @file How long the rest takes, judged by the epochs so far. */

/** What is known of one task: some seeds of one configuration. Times are milliseconds of one clock. */
interface Pace {
  /** Tasks of one kind take about the same time an epoch. */
  kind: string;
  seeds: number;
  /** Epochs of one seed; null before the first is over. */
  epochsPerSeed: number | null;
  epochsDone: number;
  /** The first epoch that was heard of: before it lies the time in which the graph was recorded. */
  first: { epoch: number; at: number } | null;
  lastAt: number;
  ended: boolean;
}

export class Remaining<T> {
  readonly #paces = new Map<T, Pace>();
  readonly #lanes: number;

  /** @param lanes tasks that run at the same time. */
  constructor(lanes: number) {
    this.#lanes = lanes;
  }

  add(task: T, kind: string, seeds: number): void {
    this.#paces.set(task, {
      kind,
      seeds,
      epochsPerSeed: null,
      epochsDone: 0,
      first: null,
      lastAt: 0,
      ended: false,
    });
  }

  /** @param epochsDone finished epochs of this task, over all its seeds. */
  advance(task: T, epochsDone: number, epochsPerSeed: number, now: number): void {
    const pace = this.#paces.get(task)!;
    pace.first ??= { epoch: epochsDone, at: now };
    Object.assign(pace, { epochsPerSeed, epochsDone, lastAt: now });
  }

  end(task: T): void {
    this.#paces.get(task)!.ended = true;
  }

  /** Seconds until this task ends; null when nothing is known yet. */
  ofTask(task: T): number | null {
    const pace = this.#paces.get(task)!;
    if (pace.ended) return 0;
    const rate = ownRate(pace) ?? this.#rate(pace.kind) ?? this.#rate(null);
    const epochs = pace.epochsPerSeed ?? this.#anyEpochs();
    if (rate === null || epochs === null) return null;
    return Math.max(0, pace.seeds * epochs - pace.epochsDone) * rate;
  }

  /** Seconds until all tasks end, were the lanes evenly filled. */
  ofAll(): number | null {
    const each = Array.from(this.#paces.keys(), (task) => this.ofTask(task));
    const known = each.filter((seconds) => seconds !== null);
    if (known.length < each.length) return null;
    const sum = known.reduce((total, seconds) => total + seconds, 0);
    return Math.max(sum / this.#lanes, ...known);
  }

  /** Mean over the tasks of a kind, or over all. */
  #rate(kind: string | null): number | null {
    const paces = [...this.#paces.values()].filter((pace) => kind === null || pace.kind === kind);
    const rates = paces.map(ownRate).filter((rate) => rate !== null);
    return rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  }

  #anyEpochs(): number | null {
    const known = [...this.#paces.values()].find(({ epochsPerSeed }) => epochsPerSeed !== null);
    return known?.epochsPerSeed ?? null;
  }
}

/** Seconds an epoch took on average, controls between seeds included; null before the second one. */
function ownRate({ first, lastAt, epochsDone }: Pace): number | null {
  if (first === null || epochsDone <= first.epoch) return null;
  return (lastAt - first.at) / 1000 / (epochsDone - first.epoch);
}
