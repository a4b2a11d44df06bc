/** @file What is claimed or asked, in a sentence each, and why some of it has no verdict (docs/replication-plan.md). */

export interface Claim {
  /** `T2`, `Q3`. */
  id: string;
  title: string;
  /** As the papers have it, or as their reviewers asked. */
  claimed: string;
  /** What the contrast is the difference of, or the mean of; positive: as claimed. */
  contrast: string;
  /** Networks and why they have no verdict; the plan's own words. */
  untestable: readonly { networks: "all" | readonly string[]; reason: string }[];
}

const NO_CELLS = "no cells of it are trained, for their cost";

const LARGE = ["wrn-16-1", "vit-xs-8"];
const ALL_BUT_TWO = ["mlp-128", "mlp-512", "cnn-32", ...LARGE];

export const CLAIMS: readonly Claim[] = [
  {
    id: "T1",
    title: "The probe is inert",
    claimed: "With lambda = 0 the class task is the same to the bit with and without heads.",
    contrast:
      "Exact: counts and losses of every epoch and at the end, with the heads of the method and with two heads.",
    untestable: [],
  },
  {
    id: "T2",
    title: "Training raises it",
    claimed: "RL-acc of the trained network exceeds that of the frozen random trunk.",
    contrast:
      "Learned complexity of the trained network minus that of the same heads on its frozen trunk.",
    untestable: [],
  },
  {
    id: "T3",
    title: "It rises over training",
    claimed: "RL-acc rises over training, as the gap opens.",
    contrast: "A on training batches, last epoch minus first.",
    untestable: [],
  },
  {
    id: "T4",
    title: "Dropout lowers it",
    claimed: "Dropout lowers RL-acc, the more the stronger.",
    contrast:
      "Fall of learned complexity over none, dropout=0.1, 0.3, 0.5 (cnn-32: none minus 0.5).",
    untestable: [{ networks: LARGE, reason: NO_CELLS }],
  },
  {
    id: "T5",
    title: "Weight decay lowers it",
    claimed: "Weight decay lowers RL-acc, the more the stronger.",
    contrast:
      "Fall of learned complexity over none, wd=0.001, 0.005, 0.02 (cnn-32: none minus 0.02).",
    untestable: [{ networks: LARGE, reason: NO_CELLS }],
  },
  {
    id: "T6",
    title: "Label smoothing lowers it",
    claimed: "Label smoothing lowers RL-acc, the more the stronger.",
    contrast: "Fall of learned complexity over none, ls=0.1, 0.3 (cnn-32: none minus 0.3).",
    untestable: [{ networks: LARGE, reason: NO_CELLS }],
  },
  {
    id: "T7",
    title: "It rises with depth",
    claimed: "RL-acc rises with the depth of the tap.",
    contrast: "Rise of A over the taps, along their least-squares line.",
    untestable: [],
  },
  {
    id: "T8",
    title: "Lambda drives it to chance",
    claimed: "Suppression drives RL-acc to chance: at most 2/n.",
    contrast:
      "2/n minus RL-acc of the labels acted on, under rl=1000 (cnn-32, wrn-16-1, vit-xs-8: rl=10).",
    untestable: [],
  },
  {
    id: "T9",
    title: "With ample data some lambda helps",
    claimed: "With ample data some lambda above 0 raises test accuracy.",
    contrast:
      "Test accuracy of the best of rl=1, 10, 100, 1000 minus none, at m = 5,000 for mlp-256 and cnn-16 (cnn-32, wrn-16-1, vit-xs-8: rl=10).",
    untestable: [],
  },
  {
    id: "T10",
    title: "With few data it hurts",
    claimed: "With few data the lambda that helps with ample data lowers test accuracy.",
    contrast:
      "Test accuracy of none minus that of the lambda that is best at m = 5,000, both at m = 500.",
    untestable: [{ networks: ALL_BUT_TWO, reason: NO_CELLS }],
  },
  {
    id: "T11",
    title: "With label noise it helps",
    claimed: "With label noise suppression raises test accuracy.",
    contrast: "Test accuracy of rl=10,noise=0.4 minus noise=0.4.",
    untestable: [{ networks: ["cnn-32", ...LARGE], reason: NO_CELLS }],
  },
  {
    id: "T12",
    title: "Suppressed at one tap, it rises before it",
    claimed: "Regularizing one tap raises RL-acc at earlier taps.",
    contrast: "A of tap 1 under rl=10, which acts on the last tap, minus none.",
    untestable: [],
  },
  {
    id: "T13",
    title: "It rises as the data shrink",
    claimed: "RL-acc rises as the data shrink.",
    contrast: "Fall of learned complexity over m = 500, 1,000, 2,500, 5,000.",
    untestable: [{ networks: ALL_BUT_TWO, reason: NO_CELLS }],
  },
  {
    id: "T14",
    title: "Where class probes overtake it",
    claimed:
      "The depth where class-probe accuracy overtakes RL-acc marks the change from sample-specific to class-specific features.",
    contrast: "None.",
    untestable: [
      {
        networks: "all",
        reason: `no record has class accuracy at each tap, and "marks the change" is a name, not an effect`,
      },
    ],
  },
  {
    id: "Q1",
    title: "Does it see known memorization?",
    claimed:
      "Does RL-acc rank ways of training by memorization that was put into them, noisy labels and canaries?",
    contrast:
      "Kendall's tau of arbitrary labels fitted and learned complexity over none, noise=0.2, noise=0.4, canary=25, each with and without rl=10.",
    untestable: [{ networks: ["cnn-32", ...LARGE], reason: NO_CELLS }],
  },
  {
    id: "Q2",
    title: "Capacity or memorization?",
    claimed:
      "Do the features of a network trained with suppression hold less of the labels acted on than of labels that no head met?",
    contrast: "Minus selectivity under rl=10: redraws minus told labels, refit against refit.",
    untestable: [],
  },
  {
    id: "Q3",
    title: "Regularizer against regularizer",
    claimed:
      "Is suppression, at its best of three strengths, better than weight decay at its best of three?",
    contrast: "Test accuracy of the best of rl=1, 10, 100 minus the best of wd=0.001, 0.005, 0.02.",
    untestable: [{ networks: ["cnn-32", ...LARGE], reason: NO_CELLS }],
  },
  {
    id: "Q4",
    title: "How much is the labelling's?",
    claimed: "How much of capacity's variance is the labelling's, and how much the seed's?",
    contrast: "An estimate: variance over labellings within a run, over seeds, and their ratio.",
    untestable: [],
  },
  {
    id: "Q5",
    title: "What does it cost?",
    claimed: "Time and memory against n, width and the number of heads.",
    contrast: "A benchmark, in docs/benchmarks.md.",
    untestable: [{ networks: "all", reason: "it is measured, not tested: docs/benchmarks.md" }],
  },
  {
    id: "Q6",
    title: "Do near-duplicates carry the gap?",
    claimed:
      "Is the gap wider without the test images that have a near-duplicate among the training images?",
    contrast:
      "Gap without near-duplicates, found by pixel distance, minus the gap, of none. It cannot exceed 0.11 points, as 11 of 10,000 test images have one.",
    untestable: [],
  },
];
