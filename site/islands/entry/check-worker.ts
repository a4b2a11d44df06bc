/** @file Runs a check beside the page, with the code that the command line and the server use. */

import type { CheckAnswer, CheckRequest } from "./check-messages.ts";
import { Unanswered, checkEntry } from "./checked-entry.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<CheckRequest>) => void;
  postMessage(answer: CheckAnswer): void;
};

scope.onmessage = ({ data }) => {
  void checkEntry(data)
    .catch((error: unknown): CheckAnswer => {
      const fault = error instanceof Unanswered ? error.message : "The check itself went wrong.";
      return { outcome: "unchecked", fault, checks: [], tree: null };
    })
    .then((answer) => scope.postMessage(answer));
};
