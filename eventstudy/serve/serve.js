// The theme: the system's until the reader presses the button. Dash is told, since it draws the figures.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  const theme = () => chosen || (dark.matches ? "dark" : "light");

  function tell() {
    const button = document.getElementById("theme");
    if (!button || !window.dash_clientside || !window.dash_clientside.set_props) return false;
    if (chosen) document.documentElement.dataset.theme = chosen;
    button.textContent = theme() === "dark" ? "Light" : "Dark";
    button.setAttribute("aria-label", "Switch between light and dark");
    window.dash_clientside.set_props("look", { data: theme() });
    return true;
  }

  dark.addEventListener("change", tell);
  document.addEventListener("click", (event) => {
    if (!event.target.closest || !event.target.closest("#theme")) return;
    chosen = theme() === "dark" ? "light" : "dark";
    tell();
  });
  // The space bar opens a list of Dash as it goes down, and would close it again as it comes up.
  document.addEventListener("keyup", (event) => {
    if (event.key === " " && event.target.closest && event.target.closest("button.dash-dropdown")) event.preventDefault();
  });
  const waiting = window.setInterval(() => tell() && window.clearInterval(waiting), 50);
})();
