/** @file The log as it is now: newest checkpoint, newest leaves, older ones on demand. */

import type { LogLeaf, LogPage } from "../../record/answers/documents.ts";
import { leafTable } from "../components/base/log/leaf-table.ts";
import { type Answer, type Failure, pageApi } from "../data/api.ts";
import { plural } from "../charts/numbers.ts";
import { show } from "./show.ts";

const LIMIT = 100;

const element = (id: string) => document.getElementById(id)!;
const [older, filter] = ["log-older", "log-filter"].map((id) =>
  element(id).querySelector("button")!,
);
const place = element("log-leaves");

/** What the button leaves: withdrawals, and decisions of the operator. */
const DECISIONS = "moderation,retraction";

/** Leaves of the kinds chosen, newest first. */
let leaves: LogLeaf[] = [];
let size = 0;
let next: number | null = null;

const isChosen = () => filter!.getAttribute("aria-pressed") === "true";

function draw(): void {
  show(leafTable(leaves), place);
  place.hidden = size === 0;
  element("log-empty").hidden = size > 0;
  element("log-filter").hidden = size === 0;
  element("log-older").hidden = next === null;
  element("log-size").textContent = `${plural(size, "leaf", "leaves")} in the log${shownWords()}.`;
  element("log-size").hidden = size === 0;
}

function shownWords(): string {
  const chosen = plural(leaves.length, "withdrawal or decision", "withdrawals and decisions");
  if (isChosen()) return next === null ? `, ${chosen} among them` : `, the newest ${chosen} shown`;
  return next === null ? "" : `, the newest ${leaves.length} shown`;
}

function take(page: LogPage, isMore: boolean): void {
  leaves = isMore ? [...leaves, ...page.leaves] : page.leaves;
  ({ size, next } = page);
  draw();
}

/** @returns did the server answer? */
async function load(before?: number): Promise<boolean> {
  const chosen = isChosen();
  const answer = await pageApi.log({ limit: LIMIT, before, kind: chosen ? DECISIONS : null });
  if (chosen !== isChosen()) return true; // of no interest any more
  if (answer.ok) take(answer.value, before !== undefined);
  else explain(answer);
  element("log-offline").hidden = answer.ok || answer.reason === "unserved";
  if (before !== undefined)
    element("log-status").textContent = answer.ok ? "Older leaves were added." : "";
  return answer.ok;
}

/** Without a server, what was built is all there is; if one does not answer, there may be more. */
function explain({ reason }: Failure): void {
  if (reason !== "unserved") element("log-empty").hidden = true;
}

async function choose(): Promise<void> {
  filter!.setAttribute("aria-pressed", String(!isChosen()));
  const isLoaded = await load();
  if (!isLoaded) filter!.setAttribute("aria-pressed", String(!isChosen())); // the table is as it was
}

async function showNotes(): Promise<void> {
  const [checkpoint, key] = await Promise.all([pageApi.checkpoint(), pageApi.logKey()]);
  const isShown = showNote("checkpoint", checkpoint);
  showNote("log-key", key);
  element("no-checkpoint").hidden = isShown;
}

/** What was built stays where there is nothing newer. @returns is there anything to be seen? */
function showNote(name: "checkpoint" | "log-key", answer: Answer<string>): boolean {
  const text = element(`${name}-text`);
  const box = text.closest("div")!;
  const isShown = answer.ok || !box.classList.contains("awaited");
  if (answer.ok) text.textContent = answer.value;
  box.hidden = !isShown;
  box.querySelector("button")!.disabled = !isShown;
  return isShown;
}

/** The text that a button names, to the clipboard. */
async function copy(button: HTMLButtonElement): Promise<void> {
  const text = element(button.dataset["copies"]!).textContent;
  const isCopied = await navigator.clipboard.writeText(text).then(
    () => true,
    () => false,
  );
  const said = isCopied ? "Copied." : "The browser did not let this page copy: select it here.";
  button.textContent = said;
  element("log-status").textContent = said;
}

for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copies]"))
  button.addEventListener("click", () => void copy(button));
older!.addEventListener("click", () => void load(next ?? undefined));
filter!.addEventListener("click", () => void choose());
void load();
void showNotes();
