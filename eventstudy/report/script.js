"use strict";
// The page's own script: theme, filters, CSV files, anchors, and the charts. Nothing here leaves the page.
(() => {
  const $ = (id) => document.getElementById(id);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const root = document.documentElement;
  root.classList.add("scripted");

  // ------------------------------------------------------------------------------------------------------- theme
  const themeData = JSON.parse($("theme-data").textContent);
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let chosen = null; // in memory only
  let printing = false;
  const theme = () => (printing ? "light" : chosen || (prefersDark.matches ? "dark" : "light"));

  function applyTheme() {
    if (chosen) root.dataset.theme = chosen;
    nameTheme();
    for (const plot of drawn()) relayout(plot, themeData.layouts[theme()]);
  }
  const nameTheme = () => ($("theme").textContent = theme() === "dark" ? "Light" : "Dark");
  nameTheme();
  $("theme").addEventListener("click", () => {
    chosen = theme() === "dark" ? "light" : "dark";
    applyTheme();
  });
  prefersDark.addEventListener("change", applyTheme);

  // ---------------------------------------------------------------------------------------------------- unpacking
  // The number of bytes, a colon, then gzip with 13 bits in two characters: packing.py says how.
  const place = new Int16Array(128).fill(-1);
  for (let code = 33, k = 0; code < 127; code++) if (!'"&<'.includes(String.fromCharCode(code))) place[code] = k++;
  function bytesOf(text) {
    let at = text.indexOf(":") + 1;
    const bytes = new Uint8Array(parseInt(text, 10));
    for (let k = 0, held = 0, bits = 0; k < bytes.length; at += 2) {
      held = ((held << 13) | (place[text.charCodeAt(at)] * 91 + place[text.charCodeAt(at + 1)])) & 0xfffff;
      for (bits += 13; bits >= 8 && k < bytes.length; ) bytes[k++] = (held >> (bits -= 8)) & 255;
    }
    return bytes;
  }
  const unpacked = new Map();
  function unpack(id) {
    if (!unpacked.has(id)) unpacked.set(id, reallyUnpack($(id).textContent.trim()));
    return unpacked.get(id);
  }
  async function reallyUnpack(text) {
    if (typeof DecompressionStream === "undefined") throw new Error("this browser cannot unpack compressed data");
    const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  }
  const unpackJson = (id) => unpack(id).then(JSON.parse);

  let library = null;
  function loadLibrary() {
    library ||= (async () => {
      const element = document.createElement("script");
      element.textContent = await unpack("plotly-packed"); // its hash is in the content security policy
      document.head.append(element);
      if (!window.Plotly) throw new Error("the chart library did not start");
      unpacked.delete("plotly-packed");
      return window.Plotly;
    })();
    return library;
  }

  // ------------------------------------------------------------------------------------------------------- charts
  const plots = all(".plot");
  const state = new Map(); // plot -> { traces, choice, pending }
  const drawn = () => plots.filter((plot) => plot.dataset.drawn === "true");

  function fail(plot, error) {
    console.error(`figure ${plot.dataset.figure}:`, error);
    plot.dataset.drawn = "error";
    plot.replaceChildren();
    const note = document.createElement("p");
    note.className = "warning";
    note.setAttribute("role", "alert");
    note.textContent = `This figure could not be drawn (${error.message || error}). Its numbers are in the table below.`;
    plot.append(note);
    plot.style.minHeight = "0";
    plot.closest("figure").querySelector("details").open = true;
  }

  function draw(plot) {
    const known = state.get(plot) || {};
    known.pending ||= reallyDraw(plot, known).catch((error) => fail(plot, error));
    state.set(plot, known);
    return known.pending;
  }

  async function reallyDraw(plot, known) {
    const Plotly = await loadLibrary();
    const figure = (await unpackJson("figures-packed"))[plot.dataset.figure];
    const layout = { ...figure.layout, ...themeData.layouts[theme()] };
    known.traces = figure.data;
    known.layout = figure.layout;
    known.controls = (figure.layout.meta && figure.layout.meta.controls) || [];
    known.choice = Object.fromEntries(known.controls.map((control) => [control.key, control.default]));
    const shown = visible(known);
    if (known.controls.length) figure.data.forEach((trace, i) => (trace.visible = shown[i]));
    if (known.controls.length) addControls(plot, known);
    plot.replaceChildren();
    await Plotly.newPlot(plot, figure.data, layout, themeData.config);
    plot.style.minHeight = "0";
    plot.dataset.drawn = "true";
    plot.dataset.theme = theme();
  }

  function relayout(plot, patch) {
    Promise.resolve(window.Plotly.relayout(plot, patch)).catch((error) => fail(plot, error));
    plot.dataset.theme = theme();
  }

  // A trace is shown where every control named in its meta has the value its meta gives.
  function visible(known) {
    return known.traces.map((trace) =>
      known.controls.every(({ key }) => !trace.meta || !(key in trace.meta) || trace.meta[key] === known.choice[key]),
    );
  }

  function addControls(plot, known) {
    const box = plot.closest("figure").querySelector(".controls");
    const note = document.createElement("span");
    note.className = "note";
    note.setAttribute("role", "status");
    for (const control of known.controls) {
      const label = document.createElement("label");
      const select = document.createElement("select");
      select.dataset.control = control.key;
      for (const { value, label: words } of control.options) select.add(new Option(words, value));
      select.value = control.default;
      select.addEventListener("change", () => {
        known.choice[control.key] = select.value;
        const shown = visible(known);
        note.textContent = shown.some(Boolean) ? "" : "Not estimated in this combination.";
        Promise.resolve(window.Plotly.restyle(plot, { visible: shown })).catch((error) => fail(plot, error));
      });
      label.append(`${control.label} `, select);
      box.append(label);
    }
    box.append(note);
    box.hidden = false;
  }

  window.eventstudyDrawAll = () => Promise.all(plots.map(draw));

  if (plots.length) {
    const near = new IntersectionObserver(
      (entries) => {
        for (const { isIntersecting, target } of entries) {
          if (!isIntersecting) continue;
          near.unobserve(target);
          draw(target);
        }
      },
      { rootMargin: "600px" },
    );
    // The library is unpacked when the page has come to rest, the charts as the reader nears them.
    const start = () => loadLibrary().then(() => plots.forEach((plot) => near.observe(plot)), () => plots.forEach(draw));
    (window.requestIdleCallback || setTimeout)(start);
  }

  // ------------------------------------------------------------------------------------------------------ filters
  const cards = all(".card");
  const face = (card) => all("h3, .sentence", card).map((said) => said.textContent).join(" ").toLowerCase();
  const searched = new Map(cards.map((card) => [card, `${card.dataset.search} ${face(card)}`]));
  const filter = { verdict: "", article: "", words: [] };
  function applyFilter() {
    let count = 0;
    for (const card of cards) {
      const fits =
        (!filter.verdict || card.dataset.verdict === filter.verdict) &&
        (!filter.article || card.dataset.articles.split(" ").includes(filter.article)) &&
        filter.words.every((word) => searched.get(card).includes(word));
      card.hidden = !fits;
      count += fits;
    }
    if ($("claim-count")) $("claim-count").textContent = `${count} of ${cards.length} ${cards.length === 1 ? "claim" : "claims"}`;
  }
  for (const chip of all(".chip")) {
    chip.addEventListener("click", () => {
      filter[chip.dataset.filter] = chip.dataset.value;
      for (const other of all(`.chip[data-filter="${chip.dataset.filter}"]`))
        other.setAttribute("aria-pressed", String(other === chip));
      applyFilter();
    });
  }
  if ($("claim-search")) {
    $("claim-search").addEventListener("input", (event) => {
      filter.words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
      applyFilter();
    });
  }

  // ---------------------------------------------------------------------------------------------------- CSV files
  const study = $("theme-data").dataset.study;
  // The files are packed column by column; a cell is quoted where RFC 4180 asks for it.
  const quoted = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const csvOf = (columns) =>
    columns[0].map((_, row) => columns.map((column) => quoted(column[row])).join(",") + "\r\n").join("");
  async function download(id) {
    const text = csvOf((await unpackJson("files-packed"))[id]);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    link.download = `${study}-${id}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
  for (const figure of all("figure[data-csv]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "tool csv";
    button.textContent = "CSV";
    button.setAttribute("aria-label", `Download the numbers of “${figure.querySelector("figcaption span, h3").textContent}” as CSV`);
    button.addEventListener("click", () => download(figure.dataset.csv).catch((error) => console.error(error)));
    figure.querySelector(".tools").prepend(button);
  }

  // ------------------------------------------------------------- tables that show a few of their securities first
  for (const figure of all("figure[data-first]")) {
    const first = new Set(figure.dataset.first.split("|"));
    let subject = "";
    const rows = all("tbody tr", figure).map((row) => [row, (subject = (row.querySelector("th") || { textContent: subject }).textContent)]);
    const label = document.createElement("label");
    const select = document.createElement("select");
    select.add(new Option("the headline group", ""));
    for (const one of new Set(rows.map(([, name]) => name))) select.add(new Option(one, one));
    select.add(new Option("all", "*"));
    const choose = () => {
      const fits = (name) => select.value === "*" || (select.value ? name === select.value : first.has(name));
      for (const [row, name] of rows) row.hidden = !fits(name);
    };
    select.addEventListener("change", choose);
    const box = document.createElement("div");
    box.className = "controls";
    label.append("Show ", select);
    box.append(label);
    figure.querySelector(".scroll").before(box);
    if (rows.some(([, name]) => !first.has(name))) choose();
    else box.remove();
  }

  // ------------------------------------------------------------------------------------- anchors into closed folds
  function reveal() {
    const target = location.hash && $(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.matches("details")) target.open = true;
    for (let outer = target.closest("details"); outer; outer = outer.parentElement.closest("details")) outer.open = true;
    const own = target.matches(".card") && target.querySelector("details");
    if (own) own.open = true;
    target.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth" });
  }
  addEventListener("hashchange", reveal);
  reveal();

  // The section in view, in the contents.
  const links = new Map(all(".toc a").map((link) => [link.hash.slice(1), link]));
  const inView = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        for (const link of links.values()) link.removeAttribute("aria-current");
        links.get(target.id).setAttribute("aria-current", "true");
      }
    },
    { rootMargin: "-20% 0px -70% 0px" },
  );
  for (const section of all("main > section")) if (links.has(section.id)) inView.observe(section);

  // ----------------------------------------------------------------------------------------------------- printing
  const PAPER = 680, TALLEST = 780; // CSS pixels between the margins of an A4 sheet, heading and caption left out
  const heightOf = (plot) => state.get(plot).layout.height || 450;
  addEventListener("beforeprint", () => {
    printing = true; // folds stay as the reader left them
    plots.forEach(draw);
    for (const plot of drawn()) {
      relayout(plot, { ...themeData.layouts.light, width: PAPER, height: Math.min(heightOf(plot), TALLEST) });
    }
  });
  addEventListener("afterprint", () => {
    printing = false;
    for (const plot of drawn()) {
      relayout(plot, { ...themeData.layouts[theme()], width: null, height: heightOf(plot), autosize: true });
    }
  });
})();
