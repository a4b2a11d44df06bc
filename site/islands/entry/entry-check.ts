/** @file The button "Check now": the work is done in a worker, the outcome shown line by line. */

import { html } from "../../charts/element.ts";
import {
  type CheckAnswer,
  type CheckRequest,
  type SeenTree,
  SHOWN,
  type Shown,
} from "./check-messages.ts";

const SEEN = "rademark-log-seen";

export function offerCheck(entry: HTMLElement): void {
  const section = entry.querySelector<HTMLElement>("[data-check]");
  const button = section?.querySelector<HTMLButtonElement>('[data-action="check"]');
  const place = section?.querySelector<HTMLElement>('[data-part="checks"]');
  if (!section || !button || !place) return;
  button.disabled = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    place.replaceChildren(html(document, "p", { class: "faint" }, "Checking…"));
    void checkInWorker({
      id: section.dataset["check"]!,
      seen: seenTree(),
      shown: shownNumbers(entry),
    }).then((answer) => {
      place.replaceChildren(drawn(answer));
      if (answer.outcome === "passed" && answer.tree !== null) remember(answer.tree);
      button.disabled = false;
    });
  });
}

/** At full precision, from the cells that show them rounded. */
function shownNumbers(entry: HTMLElement): Shown {
  const read = (name: string) => {
    const order = entry.querySelector<HTMLElement>(`[data-number="${name}"]`)?.dataset["mean"];
    return order === undefined ? null : Number(order);
  };
  return Object.fromEntries(SHOWN.map((name) => [name, read(name)])) as Shown;
}

function checkInWorker(request: CheckRequest): Promise<CheckAnswer> {
  const worker = new Worker(new URL("./check-worker.ts", import.meta.url), { type: "module" });
  return new Promise<CheckAnswer>((done) => {
    worker.onmessage = ({ data }: MessageEvent<CheckAnswer>) => done(data);
    worker.onerror = () =>
      done({
        outcome: "unchecked",
        fault: "The check could not be run in this browser.",
        checks: [],
        tree: null,
      });
    worker.postMessage(request);
  }).finally(() => worker.terminate());
}

function drawn({ outcome, fault, checks }: CheckAnswer): HTMLElement {
  if (outcome === "unchecked") return unchecked(fault!);
  const ok = outcome === "passed";
  const words =
    fault ?? (ok ? "Every check passed, computed here just now." : "This entry does not hold.");
  const items = checks.map((check) =>
    html(
      document,
      "li",
      { class: check.ok ? "ok" : "bad" },
      html(document, "span", { class: "name" }, check.name),
      html(
        document,
        "span",
        { class: "text" },
        html(document, "span", { class: "visually-hidden" }, check.ok ? "passed: " : "failed: "),
        check.text,
      ),
    ),
  );
  return html(
    document,
    "div",
    { "data-outcome": outcome },
    html(document, "p", { class: ok ? "result good" : "result bad" }, words),
    html(document, "ul", { class: "checks" }, ...items),
  );
}

/** In no colour of a check: whoever is offline learns nothing about the entry. */
function unchecked(fault: string): HTMLElement {
  return html(
    document,
    "div",
    { class: "notice offline", "data-outcome": "unchecked" },
    html(document, "p", { class: "title" }, "Nothing was checked."),
    html(document, "p", {}, `${fault} That says nothing about the entry.`),
  );
}

/** The last tree of this server's log that a check here has trusted. */
function seenTree(): SeenTree | null {
  try {
    return JSON.parse(localStorage.getItem(SEEN) ?? "null") as SeenTree | null;
  } catch {
    return null;
  }
}

function remember(tree: SeenTree): void {
  try {
    const seen = seenTree();
    if (seen === null || seen.log !== tree.log || seen.size <= tree.size)
      localStorage.setItem(SEEN, JSON.stringify(tree));
  } catch {
    // Storage is forbidden here: the next check begins without a memory.
  }
}
