/** @file Asks the API for what a page was built without, before the scripts that will show it are here; `site/data/api.ts` takes the answers. */

(() => {
  const [, own] = /^\/entries\/([0-9a-f]{64})\/?$/.exec(location.pathname) ?? [];
  const id = own ?? new URLSearchParams(location.search).get("id") ?? "";
  const isEntry = /^[0-9a-f]{64}$/.test(id);
  // with a query a board's page may want other rows
  if (!isEntry && location.search !== "") return;
  const headers = { accept: "application/json, text/plain" };
  globalThis.asked = new Map();
  for (const question of document.currentScript.dataset.ask.split(" ")) {
    if (question.includes("ID") && !isEntry) continue;
    const path = question.replace("ID", id);
    const answer = fetch(path, { headers, cache: "no-store" }).catch(() => null);
    globalThis.asked.set(path, answer);
  }
})();
