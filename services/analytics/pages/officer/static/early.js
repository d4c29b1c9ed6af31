/* Before the first paint: the language and the theme chosen on this phone. A plain script, since modules wait. */
(() => {
  const theme = localStorage.getItem("maple-bridge.theme");
  const language = localStorage.getItem("maple-bridge.language") ?? (navigator.language.startsWith("en") ? "en" : "zh");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  document.documentElement.lang = language;
})();
