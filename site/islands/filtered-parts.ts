/** @file Choices that leave out parts of a page by what they are about; they stand in its address. */

/**
 * Parts say with `data-archs` and `data-family` what they are about; a part without is always shown.
 *
 * @param root within which choices (`select[data-filter]`) and parts are, also those that are drawn later.
 */
export function filterParts(root: HTMLElement): void {
  const apply = () => {
    for (const name of ["arch", "family"] as const) {
      const chosen = root.querySelector<HTMLSelectElement>(`[data-filter=${name}]`)?.value ?? "";
      const attribute = name === "arch" ? "data-archs" : "data-family";
      for (const part of root.querySelectorAll<HTMLElement>(`[${attribute}]`)) {
        const about = part.getAttribute(attribute)!.split(" ");
        part.classList.toggle(`not-this-${name}`, chosen !== "" && !about.includes(chosen));
      }
    }
  };
  const read = () => {
    const asked = new URLSearchParams(location.search);
    for (const choice of root.querySelectorAll<HTMLSelectElement>("[data-filter]")) {
      const value = asked.get(choice.dataset["filter"]!) ?? "";
      const isThere = Array.from(choice.options).some((option) => option.value === value);
      choice.value = isThere ? value : "";
    }
    apply();
  };
  root.addEventListener("change", ({ target }) => {
    const choice = target as HTMLSelectElement;
    const name = choice.dataset["filter"];
    if (name === undefined) return;
    const address = new URL(location.href);
    if (choice.value === "") address.searchParams.delete(name);
    else address.searchParams.set(name, choice.value);
    history.replaceState(null, "", address);
    apply();
  });
  new MutationObserver(read).observe(root, { childList: true, subtree: true });
  read();
}
