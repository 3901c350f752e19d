// What a reader does, told to Dash: the choices, the figure, what is picked within it, the theme.
(() => {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const within = (target, selector) => target.closest && target.closest(selector);
  const set = (id, data) => window.dash_clientside.set_props(id, { data });
  let usual = null; // the fields as in the study
  let chosen = null; // the theme, where the button was pressed

  const fields = () => [...document.querySelectorAll("#fields select, #fields input")];
  const held = () => Object.fromEntries(fields().map((field) => [field.id, field.value]));
  const theme = () => chosen || (dark.matches ? "dark" : "light");

  function back() {
    for (const field of fields()) {
      if (field.tagName === "SELECT") field.value = usual[field.id];
      else window.dash_clientside.set_props(field.id, { value: usual[field.id] });
    }
    set("held", usual);
  }

  // Until a reader presses the button the system decides.
  function tell() {
    const button = document.getElementById("theme");
    if (!button || !window.dash_clientside || !window.dash_clientside.set_props) return false;
    usual = usual || held();
    if (chosen) document.documentElement.dataset.theme = chosen;
    button.textContent = theme() === "dark" ? "Light" : "Dark";
    button.setAttribute("aria-label", "Switch between light and dark");
    set("look", theme());
    return true;
  }

  document.addEventListener("change", ({ target }) => {
    if (within(target, "#fields")) set("held", held());
    else if (target.id === "figure") {
      set("picked", {});
      set("shown", target.value);
    } else if (within(target, "#controls")) {
      const picks = [...document.querySelectorAll("#controls select")];
      set("picked", Object.fromEntries(picks.map((pick) => [pick.id.replace("pick-", ""), pick.value])));
    }
  });
  document.addEventListener("click", ({ target }) => {
    if (within(target, "#back")) back();
    if (!within(target, "#theme")) return;
    chosen = theme() === "dark" ? "light" : "dark";
    tell();
  });
  dark.addEventListener("change", tell);
  const waiting = window.setInterval(() => tell() && window.clearInterval(waiting), 50);
})();
