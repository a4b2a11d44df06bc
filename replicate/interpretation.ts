/** @file docs/interpretation.md: what RL-acc can and cannot mean, a sentence for each outcome, drawn from the findings alone. */

import type { Findings, Verdict } from "../record/replication/findings.ts";
import { decimal, percent, percentInterval, plural } from "../site/charts/numbers.ts";
import { contrastNumber } from "../site/charts/verdict-words.ts";

export function interpretationDocument(findings: Findings): string {
  return `${[
    "# What RL-acc can and cannot mean",
    INTRODUCTION,
    ...TOPICS.flatMap(([title, ids]) => [
      `## ${title}`,
      ids.map((id) => readingsOf(id, findings)).join("\n"),
    ]),
    "## The gap",
    gapReading(findings),
    "## How sure one run is",
    labellingReading(findings),
    "## What no sentence here says",
    LIMITS,
  ].join("\n\n")}\n`;
}

const INTRODUCTION =
  "Written by `npm run findings` from the reference runs, and from nothing else; the numbers, the tests and the controls behind each\n" +
  "sentence are in [replication.md](replication.md). A sentence is about the networks that it names, under micro-1. Numbers are points of\n" +
  "A, which is 0 at chance and 100 where every random label is predicted, or of test accuracy. Margins are points, too, fixed before the runs and\n" +
  'alike for every network: where one is more than half of all that heads learn at the last tap, that follows (_1.6 of 3.4_), and "hardly" says\n' +
  "nothing of the share.";

const LIMITS =
  "The plan has seven small networks on at most 5,000 images of CIFAR-10, trained for 30 epochs, read by linear heads at n = 100. Nothing here\n" +
  "is about large networks, other data, other heads or longer training. A verdict is about a mean over seeds, not about one run. That a\n" +
  "claim fails here does not show that its authors' own runs went otherwise than they say; that it holds does not show why.";

const TOPICS: readonly (readonly [title: string, ids: readonly string[]])[] = [
  ["Trained against untrained", ["T1", "T2", "T3", "T7"]],
  ["Regularizers and data", ["T4", "T5", "T6", "T13"]],
  ["Suppression", ["T8", "T12", "Q2"]],
  ["Test accuracy", ["T9", "T10", "T11", "Q3"]],
  ["Known memorization", ["Q1", "Q6"]],
];

/** What an outcome lets one say. `reversed`: the whole interval is below zero; `small`: it ends below the margin. */
interface Reading {
  holds: string;
  reversed: string;
  small: string;
}

const READINGS: Readonly<Record<string, Reading>> = {
  T1: {
    holds: "Measuring changes nothing: the class task is the same to the bit with other heads",
    reversed: "",
    small: "Measuring is not inert: the class task differs with other heads",
  },
  T2: {
    holds:
      "Heads learn more random labels on trained features than on untrained ones, so RL-acc can show what training added",
    reversed:
      "Heads learn fewer random labels on trained features than on untrained ones, so a high RL-acc is no sign that training memorized",
    small:
      "Heads learn hardly more random labels on trained features than on untrained ones, so RL-acc does not show what training added",
  },
  T3: {
    holds:
      "RL-acc rises while the network trains; read it beside the frozen trunk's curve, as a head on an untrained trunk rises, too",
    reversed: "RL-acc falls while the network trains",
    small: "RL-acc hardly rises while the network trains",
  },
  T7: {
    holds: "RL-acc rises with depth",
    reversed:
      "RL-acc falls with depth, so a deeper layer is not one that memorizes more by this measure",
    small: "RL-acc hardly changes with depth",
  },
  T4: {
    holds:
      "Dropout lowers RL-acc; beside capacity, as dropped-out features also corrupt the head's own input",
    reversed:
      "Dropout raises RL-acc, so RL-acc is no measure of how strongly a network is regularized",
    small: "Dropout hardly lowers RL-acc",
  },
  T5: {
    holds: "Weight decay lowers RL-acc",
    reversed:
      "Weight decay raises RL-acc, so RL-acc is no measure of how strongly a network is regularized",
    small: "Weight decay hardly lowers RL-acc",
  },
  T6: {
    holds: "Label smoothing lowers RL-acc; beside the other head input, on which that may depend",
    reversed:
      "Label smoothing raises RL-acc, so RL-acc is no measure of how strongly a network is regularized",
    small: "Label smoothing hardly lowers RL-acc",
  },
  T13: {
    holds: "RL-acc rises as the data shrink, beside the null, which rises too",
    reversed: "RL-acc falls as the data shrink",
    small: "RL-acc hardly rises as the data shrink",
  },
  T8: {
    holds: "Suppression drives the labels that it acts on to chance",
    reversed: "Suppression does not drive the labels that it acts on to chance",
    small: "Suppression does not drive the labels that it acts on to chance",
  },
  T12: {
    holds:
      "Suppression at the last tap raises RL-acc at the first, so RL-acc at one tap cannot mean the network's",
    reversed: "Suppression at the last tap lowers RL-acc at the first as well",
    small: "Suppression at the last tap hardly raises RL-acc at the first",
  },
  Q2: {
    holds:
      "Under suppression features hold less of the labels acted on than of labels that no head met: suppression is about these labels, too, not about capacity alone",
    reversed:
      "Under suppression features hold more of the labels acted on than of labels that no head met",
    small:
      "Under suppression features hold hardly less of the labels acted on than of labels that no head met",
  },
  T9: {
    holds: "Some lambda raises test accuracy where data are ample",
    reversed: "Suppression lowers test accuracy where data are ample",
    small: "No lambda raises test accuracy by more than the margin where data are ample",
  },
  T10: {
    holds: "The lambda that is best with ample data lowers test accuracy with few",
    reversed: "The lambda that is best with ample data raises test accuracy with few",
    small: "The lambda that is best with ample data hardly lowers test accuracy with few",
  },
  T11: {
    holds: "With noisy labels suppression raises test accuracy",
    reversed: "With noisy labels suppression lowers test accuracy",
    small: "With noisy labels suppression raises test accuracy by no more than the margin",
  },
  Q3: {
    holds: "At the best of three strengths each, suppression is better than weight decay",
    reversed: "At the best of three strengths each, suppression is worse than weight decay",
    small:
      "At the best of three strengths each, suppression is not better than weight decay by more than the margin",
  },
  Q1: {
    holds:
      "RL-acc ranks networks by memorization that was put into them, so it can mean memorization",
    reversed:
      "RL-acc ranks networks against memorization that was put into them, so it cannot mean memorization",
    small:
      "RL-acc does not rank networks by memorization that was put into them, so it cannot mean memorization",
  },
  Q6: {
    holds: "Near-duplicates between train and test make the gap look smaller than it is",
    reversed: "Without near-duplicates the gap is smaller",
    small: "Near-duplicates between train and test hardly change the gap",
  },
};

/** A bullet for each outcome that there is, with its networks and numbers. */
function readingsOf(id: string, findings: Findings): string {
  const { claims, networks } = findings;
  const { verdicts } = claims.find((each) => each.id === id)!;
  const reading = READINGS[id]!;
  const groups: [words: string, verdicts: Verdict[]][] = [
    [reading.holds, verdicts.filter(({ status }) => status === "holds")],
    [reading.reversed, verdicts.filter((each) => outcome(each) === "reversed")],
    [reading.small, verdicts.filter((each) => outcome(each) === "small")],
    ["These runs cannot tell", verdicts.filter(({ status }) => status === "inconclusive")],
  ];
  const said = groups.flatMap(([words, own]) =>
    own.length === 0
      ? []
      : [`- ${id}. ${words}: ${own.map((each) => numbered(id, each, findings)).join(", ")}.`],
  );
  if (verdicts.length === 0) return `- ${id}. Not testable here.`;
  const [waiting, testable] = [
    verdicts.filter(({ status }) => status === "not yet run").map(({ network }) => network),
    verdicts.map(({ network }) => network),
  ];
  const untestable = networks.filter((network) => !testable.includes(network));
  const open = [
    ...(waiting.length === 0 ? [] : [`Not yet run: ${waiting.join(", ")}.`]),
    ...(untestable.length === 0 ? [] : [`Not testable here: ${untestable.join(", ")}.`]),
  ];
  return [...said, ...(open.length === 0 ? [] : [`- ${id}. ${open.join(" ")}`])].join("\n");
}

function outcome({ status, test }: Verdict): "reversed" | "small" | null {
  if (status !== "fails") return null;
  return test !== null && test.high !== null && test.high < 0 ? "reversed" : "small";
}

/** `mlp-256 (−5.3)`, `cnn-16 (1.6 of 3.4)` where a claim may fail by the size of all that is learned. */
function numbered(id: string, verdict: Verdict, findings: Findings): string {
  const { network, test } = verdict;
  if (test === null) return network;
  const all = smallScale(findings, verdict);
  const of = all === null ? "" : ` of ${percent(all)}`;
  return `${network} (${contrastNumber(id, test.mean)}${of})`;
}

/** What heads learn of a network at its last tap, where the margin is more than half of it; else null. */
function smallScale({ claims }: Findings, { network, margin }: Verdict): number | null {
  const { verdicts } = claims.find(({ id }) => id === "T7")!;
  const { levels = [] } = verdicts.find((each) => each.network === network) ?? {};
  const learned = levels.at(-1)?.value?.mean;
  return learned !== undefined && learned < 2 * margin ? learned : null;
}

function gapReading({ explanation: { within, overAll, interventions } }: Findings): string {
  if (within.length === 0 && interventions.length === 0) return "Not yet run.";
  const learned = within.filter(({ complexity }) => complexity === "learnedComplexity");
  const order = learned.map(
    ({ network, tau, partial, configurations }) =>
      `${network} ${tauWords(tau?.mean ?? null)}, given the train loss ${tauWords(partial?.mean ?? null)} (${configurations} ways)`,
  );
  const all = overAll.find(({ complexity }) => complexity === "learnedComplexity");
  const together = all
    ? ` Over ${plural(all.networks, "network")} together, given width and train loss: ${tauWords(all.partial?.mean ?? null)}.`
    : "";
  const pushed = interventions.filter(({ regs }) => regs === "rl=10");
  const moved = pushed.map(
    ({ network, changes }) =>
      `- ${network}: learned complexity ${percentInterval(changes.learnedComplexity)}, gap ${percentInterval(changes.gap)}, test accuracy ${percentInterval(changes.testAccuracy)}.`,
  );
  return [
    `Kendall's tau of learned complexity and gap over ways to train one network, mean over seeds: ${order.join("; ") || "not yet run"}.${together} An order is no cause.`,
    ...(moved.length === 0
      ? []
      : [
          `Where learned complexity itself was pushed (\`rl=10\` minus \`none\`, in points):\n\n${moved.join("\n")}`,
        ]),
  ].join("\n\n");
}

const tauWords = (tau: number | null) => decimal(tau);

function labellingReading({ labellings }: Findings): string {
  const known = labellings.filter(({ components }) => components !== null);
  if (known.length === 0) return "Not yet run.";
  const lines = known.map(({ network, components }) => {
    const { labelling, seed } = components!;
    const deviation = (value: number | null) => percent(Math.sqrt(Math.max(0, value ?? 0)), 2);
    return `- ${network}: ${deviation(labelling.value)} points over labellings of one network, ${deviation(seed.value)} over seeds.`;
  });
  return `Standard deviation of capacity:\n\n${lines.join("\n")}`;
}
