/**
 * @file Reads the folder of a run or a sweep, and computes each configuration's capacity from its counts: what a program of
 * one's own does with `rademark/record` and `rademark/run-folder` (docs/library.md).
 *
 *     node read-runs.ts runs/grid
 */
import { leastVariance, mean, normalizedAccuracy, tInterval } from "rademark/record";
import { type Trained, UserError, readStudy } from "rademark/run-folder";

/** Redraws 0..K-1 at the last tap and the headline n (docs/method.md, section 4); null for a run that diverged. */
function capacities({ folder: { protocol }, runs }: Trained): (number | null)[] {
  const { headline: n, measures } = protocol;
  return runs.map(({ controls, trainSamples }) => {
    const refit = controls?.refit.findLast((each) => each.n === n); // refits stand in order of depth
    if (!refit) return null;
    const correct = mean(refit.redraws.slice(0, measures.refit.redraws));
    return normalizedAccuracy(correct / trainSamples, n);
  });
}

/** `mlp-512 none: capacity 0.8127, 0.8101 to 0.8153 (5 runs)`. */
function line(trained: Trained): string {
  const { arch, regs } = trained.folder.configuration;
  const values = capacities(trained).filter((value) => value !== null);
  const [run] = trained.runs;
  if (!run || values.length < trained.runs.length) return `${arch} ${regs}: no mean`;
  const counted = { headline: trained.folder.protocol.headline, ...run };
  const { mean, low, high } = tInterval(values, leastVariance("capacity", counted));
  const interval = low === null || high === null ? "" : `, ${low.toFixed(4)} to ${high.toFixed(4)}`;
  return `${arch} ${regs}: capacity ${mean.toFixed(4)}${interval} (${values.length} runs)`;
}

try {
  const study = readStudy(process.argv[2] ?? ".");
  for (const trained of study.configurations) process.stdout.write(`${line(trained)}\n`);
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`); // says what is damaged, and what to do
  process.exitCode = error.exitCode;
}
