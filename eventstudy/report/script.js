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
  // Deflate (RFC 1951) behind the gzip header of ten bytes that packing.py writes (RFC 1952).
  function inflate(bytes) {
    const out = new Uint8Array(new DataView(bytes.buffer).getUint32(bytes.length - 4, true));
    let at = 10, held = 0, bits = 0, end = 0;
    const take = (n) => {
      for (; bits < n; bits += 8) held |= bytes[at++] << bits;
      const value = held & ((1 << n) - 1);
      (held >>>= n), (bits -= n);
      return value;
    };
    // All codes of up to 15 bits in a table: 16 times the symbol, plus the length of its code.
    const codes = (lengths) => {
      const table = new Uint16Array(1 << 15);
      for (let length = 1, code = 0; length < 16; length++, code <<= 1)
        lengths.forEach((own, symbol) => {
          if (own !== length) return;
          let turned = 0; // a code stands in the stream with its first bit lowest
          for (let k = 0; k < length; k++) turned |= ((code >> k) & 1) << (length - 1 - k);
          for (let k = turned; k < 1 << 15; k += 1 << length) table[k] = (symbol << 4) | length;
          code++;
        });
      return table;
    };
    const symbol = (table) => {
      for (; bits < 15; bits += 8) held |= bytes[at++] << bits; // behind the last byte stand the eight of the trailer
      const entry = table[held & 0x7fff];
      (held >>>= entry & 15), (bits -= entry & 15);
      return entry >> 4;
    };
    const stored = () => {
      at -= bits >> 3; // bytes taken too early go back, the rest of the present one is skipped
      held = bits = 0;
      const length = bytes[at] | (bytes[at + 1] << 8);
      out.set(bytes.subarray(at + 4, at + 4 + length), end);
      (at += 4 + length), (end += length);
    };
    const order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    const dynamic = () => {
      const literals = take(5) + 257, distances = take(5) + 1, known = take(4) + 4;
      const first = new Array(19).fill(0);
      for (let k = 0; k < known; k++) first[order[k]] = take(3);
      const table = codes(first), lengths = [];
      while (lengths.length < literals + distances) {
        const found = symbol(table);
        if (found < 16) lengths.push(found);
        else {
          const value = found === 16 ? lengths.at(-1) : 0;
          for (let k = found === 16 ? 3 + take(2) : found === 17 ? 3 + take(3) : 11 + take(7); k; k--) lengths.push(value);
        }
      }
      return [codes(lengths.slice(0, literals)), codes(lengths.slice(literals))];
    };
    const fixed = () => [
      codes(Array.from({ length: 288 }, (_, k) => (k < 144 ? 8 : k < 256 ? 9 : k < 280 ? 7 : 8))),
      codes(new Array(30).fill(5)),
    ];
    // Lengths come in steps of four to a power of two, distances in steps of two.
    const more = (k, step) => {
      const n = Math.max(0, (k >> step) - 1);
      return (k < 2 << step ? k : ((1 << step) + (k & ((1 << step) - 1))) << n) + take(n);
    };
    for (let last = 0; !last; ) {
      last = take(1);
      const kind = take(2);
      if (kind === 0) {
        stored();
        continue;
      }
      const [literal, distance] = kind === 1 ? fixed() : dynamic();
      for (let found = symbol(literal); found !== 256; found = symbol(literal)) {
        if (found < 256) out[end++] = found;
        else {
          const length = found === 285 ? 258 : 3 + more(found - 257, 2);
          const from = end - 1 - more(symbol(distance), 1);
          for (let k = 0; k < length; k++) out[end++] = out[from + k];
        }
      }
    }
    return out;
  }

  const texts = new Map(); // id -> its text, once unpacked
  const packedBytes = (id) => bytesOf($(id).textContent.trim());
  async function unpack(id) {
    if (texts.has(id) || typeof DecompressionStream === "undefined") return unpackNow(id);
    const stream = new Blob([packedBytes(id)]).stream().pipeThrough(new DecompressionStream("gzip"));
    return keep(id, await new Response(stream).text());
  }
  // A browser without streams that decompress has its unpacking here.
  const unpackNow = (id) => texts.get(id) ?? keep(id, new TextDecoder().decode(inflate(packedBytes(id))));
  const keep = (id, text) => (texts.set(id, text), text);

  let figures = null;
  const figureOf = (name) => (figures ||= JSON.parse(unpackNow("figures-packed")))[name];
  function libraryOf(source) {
    if (window.Plotly) return window.Plotly;
    const element = document.createElement("script");
    element.textContent = source; // its hash is in the content security policy
    document.head.append(element);
    if (!window.Plotly) throw new Error("the chart library did not start");
    return window.Plotly;
  }
  let library = null;
  const loadLibrary = () => (library ||= unpack("plotly-packed").then(libraryOf));

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
    Object.assign(plot.style, { minHeight: "0", height: "auto" });
    plot.closest("figure").querySelector("details").open = true;
  }

  function draw(plot) {
    const known = state.get(plot) || {};
    known.pending ||= loadLibrary()
      .then(() => unpack("figures-packed"))
      .then(() => drawNow(plot))
      .catch((error) => fail(plot, error));
    state.set(plot, known);
    return known.pending;
  }

  // plotly.js draws before it returns; what it promises is done by then.
  function drawNow(plot) {
    if (plot.dataset.drawn !== "false") return;
    const known = state.get(plot) || {};
    state.set(plot, known);
    const figure = figureOf(plot.dataset.figure);
    const layout = { ...figure.layout, ...themeData.layouts[theme()] };
    known.traces = figure.data;
    known.layout = figure.layout;
    known.controls = (figure.layout.meta && figure.layout.meta.controls) || [];
    known.choice = Object.fromEntries(known.controls.map((control) => [control.key, control.default]));
    const shown = visible(known);
    if (known.controls.length) figure.data.forEach((trace, i) => (trace.visible = shown[i]));
    if (known.controls.length) addControls(plot, known);
    plot.replaceChildren();
    Promise.resolve(window.Plotly.newPlot(plot, figure.data, layout, themeData.config)).catch((error) => fail(plot, error));
    for (const svg of all(".main-svg", plot)) svg.setAttribute("aria-hidden", "true"); // its label says it in words
    // The library forgets its height when it takes a new width: the element keeps it.
    Object.assign(plot.style, { minHeight: "0", height: `${heightOf(plot)}px` });
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

  // What was drawn in a closed fold has no width yet.
  for (const fold of all("main details"))
    fold.addEventListener("toggle", () => {
      if (fold.open) for (const plot of all(".plot", fold)) if (plot.dataset.drawn === "true") window.Plotly.Plots.resize(plot);
    });

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

  // ------------------------------------------------------------------------------------- filters, order, open cards
  const cards = all(".card");
  const face = (card) => all("h4, .sentence", card).map((said) => said.textContent).join(" ").toLowerCase();
  const searched = new Map(cards.map((card) => [card, `${card.dataset.search} ${face(card)}`]));
  const filter = { verdict: "", article: "", words: [] };
  const order = $("claim-order");
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
    for (const head of all(".group"))
      head.hidden = !!order.value || !cards.some((card) => !card.hidden && card.dataset.verdict === head.dataset.group);
    if ($("claim-count")) $("claim-count").textContent = `${count} of ${cards.length} ${cards.length === 1 ? "claim" : "claims"}`;
  }
  const rows = all(".deck > .group, .deck > .card"); // as they stand at first
  const says = (card) => card.querySelector("h4").textContent;
  const orders = {
    place: (a, b) => a.dataset.place - b.dataset.place,
    says: (a, b) => says(a).localeCompare(says(b), "en"),
  };
  if (order)
    order.addEventListener("change", () => {
      const sorted = order.value ? [...cards].sort(orders[order.value]) : rows;
      document.querySelector(".deck").append(...sorted);
      applyFilter();
    });
  // What is in a card beside its face is unpacked when one is opened first.
  let insides = null;
  const insideOf = async () => (insides ||= JSON.parse(await unpack("cards-packed")));
  async function fill(card) {
    const box = card.querySelector(".arithmetic");
    const inside = (await insideOf())[card.id.slice(6)];
    if (box.dataset.filled) return;
    box.dataset.filled = "true";
    box.innerHTML = inside; // escaped where it was written
    all("figure[data-csv]", box).forEach(addFiles);
    all("[data-copy]", box).forEach(addCopy);
  }
  for (const card of cards)
    card.addEventListener("toggle", () => card.open && fill(card).catch((error) => console.error(error)));
  window.eventstudyFillAll = () => Promise.all(cards.map(fill));
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

  // --------------------------------------------------------------------------------------- files, and what is copied
  const { study, source } = $("theme-data").dataset;
  // The files are packed column by column; a cell is quoted where RFC 4180 asks for it.
  const quoted = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const csvOf = (columns) =>
    columns[0].map((_, row) => columns.map((column) => quoted(column[row])).join(",") + "\r\n").join("");
  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${study}-${name}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
  async function download(id) {
    const text = csvOf(JSON.parse(await unpack("files-packed"))[id]);
    save(new Blob([text], { type: "text/csv;charset=utf-8" }), `${id}.csv`);
  }

  // A figure as it is shown now, in light, with its title above and its source below.
  const WIDE = 900, EDGE = 20;
  const escaped = (text) => text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
  function linesOf(text, size) {
    const lines = [""];
    for (const word of text.split(/\s+/))
      if ((lines.at(-1) + word).length * size * 0.54 > WIDE) lines.push(word);
      else lines[lines.length - 1] += (lines.at(-1) && " ") + word;
    return lines;
  }
  async function pictureOf(figure) {
    const plot = figure.querySelector(".plot");
    await draw(plot);
    const size = { width: WIDE, height: heightOf(plot) };
    const layout = { ...plot.layout, ...themeData.layouts.light, ...size };
    const drawing = { data: plot.data, layout, config: themeData.config };
    const inner = await window.Plotly.toImage(drawing, { format: "svg", ...size, imageDataOnly: true });
    let y = EDGE;
    const written = (text, letters, look) =>
      linesOf(text, letters)
        .map((line) => `<text x="${EDGE}" y="${(y += 1.3 * letters)}" font-size="${letters}" ${look}>${escaped(line)}</text>`)
        .join("");
    const caption = figure.querySelector(".caption").textContent.trim().replace(/\s+/g, " ");
    const head = written(figure.querySelector("h3").textContent, 21, 'font-weight="700" fill="#1b1f24"') + written(caption, 14, 'fill="#57606a"');
    const top = (y += EDGE / 2);
    y += size.height;
    const foot = written(source, 12, 'fill="#57606a"');
    const [w, h] = [WIDE + 2 * EDGE, y + EDGE];
    return {
      size: [w, h],
      text: `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-family="${escaped(themeData.layouts.light.template.layout.font.family)}"><rect width="${w}" height="${h}" fill="#fff"/>${head}<g transform="translate(${EDGE} ${top})">${inner}</g>${foot}</svg>`,
    };
  }
  async function savePicture(figure, format) {
    const { text, size } = await pictureOf(figure);
    const blob = new Blob([text], { type: "image/svg+xml" });
    const name = `${figure.id.replace("figure-", "")}.${format}`;
    if (format === "svg") return save(blob, name);
    const image = new Image();
    image.src = URL.createObjectURL(blob);
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = size.map((side) => 2 * side);
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    URL.revokeObjectURL(image.src);
    save(await new Promise((done) => canvas.toBlob(done, "image/png")), name);
  }

  function button(words, name, press) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = `tool ${words.toLowerCase()}`;
    made.textContent = words;
    made.setAttribute("aria-label", name);
    made.addEventListener("click", () => Promise.resolve(press(made)).catch((error) => console.error(error)));
    return made;
  }
  function addFiles(figure) {
    const what = `“${figure.querySelector("figcaption span, h3").textContent}”`;
    const tools = [button("CSV", `Download the numbers of ${what} as CSV`, () => download(figure.dataset.csv))];
    if (figure.matches(".chart"))
      for (const format of ["SVG", "PNG"])
        tools.push(button(format, `Download the figure ${what} as ${format}`, () => savePicture(figure, format.toLowerCase())));
    figure.querySelector(".tools").prepend(...tools);
  }
  all("figure[data-csv]").forEach(addFiles);

  // Text to take along: commands, citations.
  function selected(element) {
    getSelection().selectAllChildren(element);
    document.execCommand("copy");
    getSelection().removeAllRanges();
  }
  const copied = (element) =>
    navigator.clipboard ? navigator.clipboard.writeText(element.textContent.trim()).catch(() => selected(element)) : selected(element);
  function addCopy(element) {
    const made = button("Copy", `Copy ${element.dataset.copy}`, async () => {
      await copied(element);
      made.textContent = "Copied";
      setTimeout(() => (made.textContent = "Copy"), 2000);
    });
    element.after(made);
  }
  all("[data-copy]").forEach(addCopy);

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
  async function reveal() {
    const name = decodeURIComponent(location.hash.slice(1));
    if (!name) return;
    if (!$(name) && $("cards-packed")) {
      const owner = Object.entries(await insideOf()).find(([, inside]) => inside.includes(`id="${name}"`));
      if (owner) await fill($(`claim-${owner[0]}`));
    }
    const target = $(name);
    if (!target) return;
    if (target.matches("details")) target.open = true;
    for (let outer = target.closest("details"); outer; outer = outer.parentElement.closest("details")) outer.open = true;
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
        const link = links.get(target.id), menu = link.closest(".toc");
        link.setAttribute("aria-current", "true");
        menu.scrollLeft = link.offsetLeft - (menu.clientWidth - link.offsetWidth) / 2; // on a phone it is one line
      }
    },
    { rootMargin: "-20% 0px -70% 0px" },
  );
  for (const section of all("main > section")) if (links.has(section.id)) inView.observe(section);

  // ----------------------------------------------------------------------------------------------------- printing
  const PAPER = 680, TALLEST = 780; // CSS pixels between the margins of an A4 sheet, heading and caption left out
  const heightOf = (plot) => state.get(plot).layout.height || 450;
  const onPaper = (height) => ({ ...themeData.layouts.light, width: PAPER, height: Math.min(height, TALLEST) });
  addEventListener("beforeprint", () => {
    printing = true; // what was not drawn yet has its static picture
    for (const fold of all("main details.fold:not([open])")) // of what the reader left folded its figures are printed
      if (fold.querySelector(".plot")) {
        fold.open = true;
        fold.classList.add("for-paper");
      }
    for (const plot of drawn()) {
      const sheet = onPaper(heightOf(plot));
      plot.style.height = `${sheet.height}px`;
      relayout(plot, sheet);
    }
  });
  addEventListener("afterprint", () => {
    printing = false;
    for (const fold of all("details.for-paper")) {
      fold.open = false;
      fold.classList.remove("for-paper");
    }
    for (const plot of drawn()) {
      plot.style.height = `${heightOf(plot)}px`;
      relayout(plot, { ...themeData.layouts[theme()], width: null, height: heightOf(plot), autosize: true });
    }
  });
})();
