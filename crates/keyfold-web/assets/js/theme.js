// Runs before the first paint: the reader's choice of light or dark, kept under the key that the root names.
(function () {
  var root = document.documentElement;
  var key = root.dataset.themeKey || "theme";
  root.classList.add("js");
  function apply(choice) {
    root.classList.toggle("dark", choice === "dark");
    root.classList.toggle("light", choice === "light");
  }
  function stored() {
    try { return localStorage.getItem(key); } catch (error) { return null; }
  }
  apply(stored());
  function isDark() {
    return root.classList.contains("dark") ||
      (!root.classList.contains("light") && matchMedia("(prefers-color-scheme: dark)").matches);
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest("[data-theme-switch]");
    if (!button) return;
    var choice = isDark() ? "light" : "dark";
    apply(choice);
    try { localStorage.setItem(key, choice); } catch (error) { /* the choice holds for this page */ }
    announce(button);
  });
  function announce(button) {
    button.setAttribute("aria-pressed", String(isDark()));
  }
  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("[data-theme-switch]").forEach(announce);
  });
})();
