// Runs before the page is painted: a chosen theme must not flash past as the other one.
(() => {
  const chosen = localStorage.getItem("otium-theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
