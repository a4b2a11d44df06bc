/** @file `--challenge` and `--submit` of `run` and `sweep`: training whose results are to be listed. */

import { createClient } from "../client/client.ts";
import { EXIT, type ExitCode, UserError } from "../errors.ts";
import { deliver, type Delivery } from "../submit/delivery.ts";
import { hasState } from "../submit/folder-state.ts";
import { DEFAULT_KEY, signerNamed, type NamedSigner } from "../submit/signer.ts";
import type { Environment } from "../sweep/environment.ts";
import type { OutputFolder, Wish } from "../sweep/output-folder.ts";
import type { challengeArguments } from "./challenge-arguments.ts";
import { MOST_OPEN, trainWithChallenges } from "./challenged-training.ts";
import type { Values } from "./command.ts";
import { resumeLine } from "./command-line.ts";
import { printDeliveries } from "./deliveries.ts";
import type { Effects } from "./effects.ts";
import { train } from "./training.ts";

export interface BoardPlan extends Values<typeof challengeArguments> {
  root: string;
  wishes: Wish[];
  /** A sweep, even of one. */
  many: boolean;
  jobs: number;
  quiet: boolean;
  /** stdout is kept for one document. */
  json: boolean;
  /** Makes or opens the output folders where no challenge decides their seeds. */
  prepare: (environment: Environment) => OutputFolder[];
  /** The line that goes on with what is left, where it is not the usual one. */
  again?: string;
}

/** Trains, with a challenge where it is asked for, and submits where that is asked for. */
export async function trainForBoards(
  plan: BoardPlan,
  effects: Effects,
): Promise<{ folders: OutputFolder[]; exitCode: ExitCode; print: () => ExitCode }> {
  const { challenge, submit, many, wishes } = plan;
  if (challenge && !submit && wishes.length > MOST_OPEN)
    throw new UserError(
      `a key has at most ${MOST_OPEN} open challenges, and these are ${wishes.length} configurations: add --submit.`,
    );
  const deliveries: Delivery[] = [];
  const refusals: UserError[] = [];
  const signer = challenge || submit ? signerNamed(plan.key ?? DEFAULT_KEY, effects) : null;
  const onTrained = submit
    ? submitterOf(signer!, plan, { deliveries, refusals }, effects)
    : () => Promise.resolve();
  const usual = many && challenge ? "the same command again" : resumeLine(plan.root, effects);
  const again = plan.again ?? usual;
  const { folders, exitCode } = challenge
    ? await trainWithChallenges(
        {
          ...plan,
          again,
          client: createClient(plan),
          signer: signer!,
          reproduces: null,
          onTrained,
        },
        effects,
      )
    : await train({ ...plan, again, onFinished: onTrained }, effects);
  const out = plan.json ? effects.err : effects.out;
  const print = () => {
    const told = printDeliveries(deliveries, refusals, { ...effects, out });
    return exitCode === EXIT.ok ? told : exitCode;
  };
  return { folders, exitCode, print };
}

/** A refusal of one result must not stop the training of the others. */
function submitterOf(
  signer: NamedSigner,
  { api }: Pick<BoardPlan, "api">,
  { deliveries, refusals }: { deliveries: Delivery[]; refusals: UserError[] },
  effects: Effects,
): (folder: OutputFolder) => Promise<void> {
  const client = createClient({ api });
  return async (folder) => {
    if (hasState(folder.path, "receipt")) return;
    try {
      deliveries.push(await deliver(folder, client, signer, null, effects));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      refusals.push(error);
    }
  };
}
