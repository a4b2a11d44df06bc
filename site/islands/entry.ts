/** @file Brings an entry's page to life: draws one that is newer than the build, and checks it on request. */

import type { VNode } from "preact";
import { entryWords } from "../../record/board/entry-words.ts";
import type { StatementDocument } from "../../record/answers/documents.ts";
import { type Answer, type Failure, answerOf, pageApi, respond } from "../data/api.ts";
import type { EntryModel } from "../data/entry-model.ts";
import { nameOrigin } from "./origin.ts";
import { showTips } from "./tips.ts";
import { h } from "../markup/element.ts";
import { notice } from "../markup/notice.ts";
import {
  type CheckAnswer,
  type CheckRequest,
  SHOWN,
  type SeenTree,
  type Shown,
} from "./entry/check-messages.ts";
import { type Citable, citationBibtex, citationWords } from "../components/entry/entry-citation.ts";
import { nameCanonical, siteOrigin } from "./site-origin.ts";
import { NO_SERVER } from "../components/board/server-notice.ts";
import { show } from "./show.ts";

const ABSENT = { ok: false, reason: "absent" } as const;

async function run(): Promise<void> {
  const shell = document.querySelector<HTMLElement>("[data-entry-page]");
  if (shell !== null) await fill(shell);
  const entry = document.querySelector<HTMLElement>("article[data-entry]");
  if (entry === null) return;
  showTips(entry);
  nameOrigin();
  offerCitation(entry);
  offerCheck(entry);
  unfoldEnvelope(entry);
}

async function fill(shell: HTMLElement): Promise<void> {
  const [, own] = /^\/entries\/([0-9a-f]{64})\/?$/.exec(location.pathname) ?? [];
  const id = own ?? new URLSearchParams(location.search).get("id") ?? "";
  const isId = /^[0-9a-f]{64}$/.test(id);
  if (!isId) return show(missingEntry(id, ABSENT), shell);
  const drawing = import("../components/entry/entry-section.ts"); // on its way while the entry is
  const answer = await fetchEntry(id);
  if (!answer.ok) return show(missingEntry(id, answer), shell);
  const { entrySection } = await drawing;
  const late = h("p", { class: "late faint" }, "Drawing…");
  const heads = answer.value.runs === null ? null : late;
  show(entrySection(answer.value, { charts: late, ladder: late, heads }, siteOrigin()), shell);
  drawLate(shell, answer.value);
  const { row, protocol } = answer.value.entry;
  document.title = `${entryWords(row, protocol.name).title} · Rademark`;
  nameCanonical(`/entries/${id}/`);
}

/**
 * The chart library weighs nearly as much as all the rest: numbers and words do not wait for it, and it is fetched when
 * the first picture is near. Once it is here, all is drawn, for print.
 */
function drawLate(shell: HTMLElement, model: EntryModel): void {
  const draw = async () => {
    observer?.disconnect();
    const { entryFigures, entryHeads, entryLadder } =
      await import("../components/entry/entry-figures.ts");
    const parts = { charts: entryFigures, ladder: entryLadder, heads: entryHeads };
    for (const [name, drawPart] of Object.entries(parts)) {
      const place = shell.querySelector(`[data-part="${name}"]`);
      if (place !== null) show(drawPart(model) ?? h("p", {}), place);
      await new Promise((done) => setTimeout(done)); // so that a press of a key is answered in between
    }
  };
  const observer = whenNear(() => void draw());
  if (observer === null) return void draw();
  for (const place of shell.querySelectorAll(":has(> .late)")) observer.observe(place);
  addEventListener("beforeprint", () => void draw(), { once: true });
}

/** Null in a browser that does not say what is near. */
function whenNear(act: () => void): IntersectionObserver | null {
  if (!("IntersectionObserver" in globalThis)) return null;
  return new IntersectionObserver(
    (seen) => {
      if (seen.some(({ isIntersecting }) => isIntersecting)) act();
    },
    { rootMargin: "400px" },
  );
}

async function fetchEntry(id: string): Promise<Answer<EntryModel>> {
  const [entry, runs, proof] = await Promise.all([
    pageApi.entry(id),
    pageApi.runs(id),
    pageApi.proof(id),
  ]);
  if (!entry.ok) return entry;
  const envelope = entry.value.row.code === null ? ABSENT : await pageApi.envelope(id);
  const orNull = <T>(each: Answer<T>): T | null => (each.ok ? each.value : null);
  return {
    ok: true,
    value: {
      entry: entry.value,
      runs: orNull(runs),
      envelope: orNull(envelope),
      proof: orNull(proof),
      home: "",
    },
  };
}

const SEEN = "rademark-log-seen";

void run();

/** With the site's address, and buttons that copy. In place: a paragraph that is drawn anew counts as the page's largest paint. */
function offerCitation(entry: HTMLElement): void {
  const place = entry.querySelector<HTMLElement>("[data-cite]");
  if (place === null) return;
  const cited = JSON.parse(place.dataset["cite"]!) as Citable;
  const origin = siteOrigin();
  const texts = { words: citationWords(cited, origin), bibtex: citationBibtex(cited, origin) };
  for (const [name, text] of Object.entries(texts))
    place.querySelector(`[data-text="${name}"]`)!.textContent = text;
  for (const button of place.querySelectorAll<HTMLButtonElement>("[data-copy]"))
    button.disabled = false;
  const status = place.querySelector('[role="status"]')!;
  place.addEventListener("click", ({ target }) => {
    const name = (target as Element).closest<HTMLElement>("[data-copy]")?.dataset["copy"];
    if (name === undefined) return;
    void navigator.clipboard.writeText(texts[name as keyof typeof texts]).then(
      () => (status.textContent = "Copied."),
      () => {
        status.textContent = "The browser did not let this page copy: select it here.";
        place.querySelector("details")!.open = true;
      },
    );
  });
}

/** The button "Check now": the work is done in a worker, the outcome shown line by line. */
function offerCheck(entry: HTMLElement): void {
  const section = entry.querySelector<HTMLElement>("[data-check]");
  const button = section?.querySelector<HTMLButtonElement>('[data-action="check"]');
  const place = section?.querySelector<HTMLElement>('[data-part="checks"]');
  if (!section || !button || !place) return;
  const { home = "" } = entry.dataset;
  button.disabled = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    show(h("p", { class: "faint" }, "Checking…"), place);
    void checkInWorker({
      home,
      id: section.dataset["check"]!,
      seen: seenTree(home),
      shown: shownNumbers(entry),
    }).then((answer) => {
      show(outcome(answer), place);
      if (answer.outcome === "passed" && answer.tree !== null) remember(answer.tree, home);
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
  const worker = new Worker(new URL("./entry/check-worker.ts", import.meta.url), {
    type: "module",
  });
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

function outcome({ outcome, fault, checks }: CheckAnswer): VNode {
  if (outcome === "unchecked") return unchecked(fault!);
  const ok = outcome === "passed";
  const words =
    fault ?? (ok ? "Every check passed, computed here just now." : "This entry does not hold.");
  const items = checks.map((check) =>
    h(
      "li",
      { class: check.ok ? "ok" : "bad" },
      h("span", { class: "name" }, check.name),
      h(
        "span",
        { class: "text" },
        h("span", { class: "visually-hidden" }, check.ok ? "passed: " : "failed: "),
        check.text,
      ),
    ),
  );
  return h(
    "div",
    { "data-outcome": outcome },
    h("p", { class: ok ? "result good" : "result bad" }, words),
    h("ul", { class: "checks" }, ...items),
  );
}

/** In no colour of a check: whoever is offline learns nothing about the entry. */
function unchecked(fault: string): VNode {
  return h(
    "div",
    { "data-outcome": "unchecked" },
    notice(
      { kind: "offline", title: "Nothing was checked." },
      h("p", {}, `${fault} That says nothing about the entry.`),
    ),
  );
}

/** The last tree of the log that a check here has trusted. @param home as the check's: the reference's log is another. */
function seenTree(home: string): SeenTree | null {
  try {
    return JSON.parse(localStorage.getItem(SEEN + home) ?? "null") as SeenTree | null;
  } catch {
    return null;
  }
}

function remember(tree: SeenTree, home: string): void {
  try {
    const seen = seenTree(home);
    if (seen === null || seen.log !== tree.log || seen.size <= tree.size)
      localStorage.setItem(SEEN + home, JSON.stringify(tree));
  } catch {
    // Storage is forbidden here: the next check begins without a memory.
  }
}

/** The signed bytes whole, fetched when somebody unfolds them: they weigh as much as the rest of the page. */
function unfoldEnvelope(entry: HTMLElement): void {
  const details = entry.querySelector<HTMLDetailsElement>("[data-envelope]");
  const place = details?.querySelector("code");
  if (!details || !place) return;
  let isWhole = false;
  const isBegun = place.textContent !== "…";
  const { home = "" } = entry.dataset;
  const fill = async () => {
    // That of the statement, as a copy without a server has no file for the envelope alone.
    const response = await respond(`${home}/v1/log/statements/${details.dataset["envelope"]!}`);
    const answer = await answerOf(response, (each) => each.json() as Promise<StatementDocument>);
    if (!answer.ok) {
      // a beginning stays, and the next unfolding tries again
      if (!isBegun) place.textContent = "The server did not give it: unfold it again in a moment.";
      return;
    }
    isWhole = true;
    place.textContent = JSON.stringify(answer.value.envelope, null, 2);
  };
  details.addEventListener("toggle", () => {
    if (details.open && !isWhole) void fill();
  });
}

/** What stands where an entry should be: nothing there, or nobody answers. */
function missingEntry(id: string, missing: Failure): VNode {
  const [kind, title, text] = wordsOf(missing, id);
  return h(
    "div",
    {},
    h("h1", {}, "Entry"),
    notice(
      { kind, title, announced: true },
      h("p", {}, text, " ", h("a", { href: "/boards/micro-1/" }, "To the boards")),
    ),
  );
}

type Words = [kind: "empty" | "error" | "offline", title: string, text: string];

function wordsOf(missing: Failure, id: string): Words {
  if (missing.reason === "offline")
    return ["offline", "The server does not answer.", "Reload this page in a moment."];
  if (missing.reason === "unserved")
    return ["offline", NO_SERVER, "It has the entries that were there when it was built."];
  if (missing.reason === "refused") return ["error", missing.problem.title, missing.problem.detail];
  const text = id === "" ? "The address names no entry." : `No entry is called ${id.slice(0, 80)}.`;
  return ["empty", "There is no such entry here.", text];
}
