/** @file The button that changes between light and dark, and remembers it. */

const KEY = "rademark-theme";
const root = document.documentElement;
const button = document.querySelector<HTMLButtonElement>("[data-theme-toggle]");
const system = matchMedia("(prefers-color-scheme: dark)");

const isDark = () => (root.dataset["theme"] ?? (system.matches ? "dark" : "light")) === "dark";

function show(): void {
  button?.setAttribute("aria-pressed", String(isDark()));
}

function toggle(): void {
  const theme = isDark() ? "light" : "dark";
  root.dataset["theme"] = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Storage is forbidden here; the choice lasts as long as the page.
  }
  show();
}

if (button) {
  button.hidden = false;
  button.addEventListener("click", toggle);
  system.addEventListener("change", show);
  show();
}
