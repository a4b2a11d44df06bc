/** @file Runs a check beside the page, with the code that the command line and the server use. */

import type { CheckAnswer, CheckRequest } from "./check-messages.ts";
import { checkEntry } from "./checked-entry.ts";

const scope = self as unknown as {
  onmessage: (event: MessageEvent<CheckRequest>) => void;
  postMessage(answer: CheckAnswer): void;
};

scope.onmessage = ({ data }) => {
  void checkEntry(data)
    .catch((): CheckAnswer => ({
      ok: false,
      fault: "The server does not answer.",
      checks: [],
      tree: null,
    }))
    .then((answer) => scope.postMessage(answer));
};
