/** @file How long the rest takes, judged by the epochs so far. */

/** What is known of one task: some seeds of one configuration. */
interface Pace {
  /** Tasks of one kind take the same time an epoch. */
  kind: string;
  seeds: number;
  /** Epochs of one seed; null before the first is over. */
  epochsPerSeed: number | null;
  epochsDone: number;
  /** Epochs that a seed had behind it before this task went on with it. */
  epochsSkipped: number;
  beganAt: number | null;
  lastAt: number | null;
  ended: boolean;
}

/** Times are milliseconds of one clock. */
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
      epochsSkipped: 0,
      beganAt: null,
      lastAt: null,
      ended: false,
    });
  }

  begin(task: T, now: number): void {
    this.#paces.get(task)!.beganAt = now;
  }

  /** @param doneInTask finished epochs of this task, over all its seeds. */
  advance(task: T, doneInTask: number, epochsPerSeed: number, now: number): void {
    const pace = this.#paces.get(task)!;
    if (pace.epochsPerSeed === null) pace.epochsSkipped = Math.max(0, doneInTask - 1);
    pace.epochsPerSeed = epochsPerSeed;
    pace.epochsDone = doneInTask;
    pace.lastAt = now;
  }

  end(task: T): void {
    this.#paces.get(task)!.ended = true;
  }

  /** Seconds until this task ends; null when nothing is known yet. */
  ofTask(task: T): number | null {
    const pace = this.#paces.get(task)!;
    if (pace.ended) return 0;
    const rate = ownRate(pace) ?? this.#rate((other) => other.kind === pace.kind) ?? this.#rate();
    const epochs = pace.epochsPerSeed ?? this.#anyEpochs();
    if (rate === null || epochs === null) return null;
    return Math.max(0, pace.seeds * epochs - pace.epochsDone) * rate;
  }

  /** Seconds until all tasks end, were the lanes evenly filled. */
  ofAll(): number | null {
    const each = Array.from(this.#paces.keys(), (task) => this.ofTask(task));
    if (each.some((seconds) => seconds === null)) return null;
    const seconds = each as number[];
    const sum = seconds.reduce((total, value) => total + value, 0);
    return Math.max(sum / this.#lanes, Math.max(0, ...seconds));
  }

  #rate(counts: (pace: Pace) => boolean = () => true): number | null {
    const known = [...this.#paces.values()].filter(counts).map(ownRate);
    const rates = known.filter((rate) => rate !== null);
    return rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  }

  #anyEpochs(): number | null {
    const known = [...this.#paces.values()].find(({ epochsPerSeed }) => epochsPerSeed !== null);
    return known?.epochsPerSeed ?? null;
  }
}

/** Seconds an epoch of this task took on average, recording and controls included. */
function ownRate({ beganAt, lastAt, epochsDone, epochsSkipped }: Pace): number | null {
  if (beganAt === null || lastAt === null || epochsDone <= epochsSkipped) return null;
  return (lastAt - beganAt) / 1000 / (epochsDone - epochsSkipped);
}
