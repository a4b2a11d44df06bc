/* Sorting, tooltips, copying. Without this script the page is complete; titles then show on hover only. */
(() => {
  /* `1,234 / 5,000` and `−1.2 ± 0.3` sort by their first number; a dash is NaN. */
  const numberOf = ({ dataset, textContent }) =>
    parseFloat(dataset.order ?? textContent.replace("−", "-").replaceAll(",", ""));

  function compareCells(a, b, numeric) {
    if (numeric) return numberOf(a) - numberOf(b);
    return a.textContent.localeCompare(b.textContent, "en", { numeric: true });
  }

  /* Rows without a number stay below, whichever way the others go. */
  function sort(table, column, ascending) {
    const numeric = table.tHead.rows[0].cells[column].classList.contains("number");
    const isMissing = (row) => numeric && Number.isNaN(numberOf(row.cells[column]));
    const rows = [...table.tBodies[0].rows];
    const sorted = rows
      .filter((row) => !isMissing(row))
      .sort((a, b) => compareCells(a.cells[column], b.cells[column], numeric));
    if (!ascending) sorted.reverse();
    table.tBodies[0].append(...sorted, ...rows.filter(isMissing));
  }

  /* What the tooltip says, by the element that it belongs to. */
  const texts = new WeakMap();

  for (const table of document.querySelectorAll("table")) {
    const titles = [...table.tHead.rows[0].cells];
    titles.forEach((title, column) => {
      const button = document.createElement("button");
      button.type = "button";
      const help = title.querySelector("abbr")?.title;
      button.append(title.textContent);
      title.replaceChildren(button);
      if (help) {
        button.classList.add("explained");
        button.setAttribute("aria-description", help);
        texts.set(button, help);
      }
      button.addEventListener("click", () => {
        const ascending = title.getAttribute("aria-sort") !== "ascending";
        for (const other of titles) other.removeAttribute("aria-sort");
        title.setAttribute("aria-sort", ascending ? "ascending" : "descending");
        sort(table, column, ascending);
      });
    });
  }

  /* Browsers show the titles of pictures on hover only; here they come by keyboard, too. */
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  document.body.append(tip);
  for (const title of document.querySelectorAll("figure svg title")) {
    texts.set(title.parentElement, title.textContent);
    title.remove();
  }
  const markOf = (target) => {
    if (!(target instanceof Element)) return null;
    return (
      [target, target.firstElementChild, target.closest("button")].find(
        (each) => each && texts.has(each),
      ) ?? null
    );
  };
  const show = ({ target }) => {
    const mark = markOf(target);
    tip.hidden = mark === null;
    if (mark === null) return;
    tip.textContent = texts.get(mark);
    const box = mark.getBoundingClientRect();
    const left = Math.min(box.right + 8, innerWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(8, left) + scrollX}px`;
    tip.style.top = `${box.bottom + 8 + scrollY}px`;
  };
  document.addEventListener("pointerover", show);
  document.addEventListener("focusin", show);
  document.addEventListener("focusout", () => (tip.hidden = true));
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") tip.hidden = true;
  });

  /* Without this button the text can be selected and copied by hand. */
  for (const text of document.querySelectorAll("textarea.copied")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.setAttribute("aria-live", "polite");
    button.append("Copy");
    button.addEventListener("click", async () => {
      text.select();
      const isCopied = await navigator.clipboard.writeText(text.value).then(
        () => true,
        () => document.execCommand("copy"),
      );
      button.textContent = isCopied ? "Copied" : "Selected: copy it with the keyboard";
    });
    text.after(button);
  }

  /* A link into a closed section opens it; on paper the tables behind the charts are open. */
  const openTarget = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (target instanceof HTMLDetailsElement) target.open = true;
  };
  addEventListener("hashchange", openTarget);
  openTarget();
  addEventListener("beforeprint", () => {
    for (const part of document.querySelectorAll("details.behind")) part.open = true;
  });
})();
