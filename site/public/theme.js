/** @file Before the first paint: the theme chosen here earlier. A module would come too late, an inline script is not allowed. */

(() => {
  document.documentElement.dataset.script = ""; // style sheets hide what needs one
  try {
    const theme = localStorage.getItem("rademark-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is forbidden here; the system's theme stays.
  }
})();
