"use strict";
// Shows one track at a time, whose figures are drawn when it is first shown, and hides spws.
(() => {
  const hidden = new Set();
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const touch = matchMedia("(pointer: coarse)");

  function* models() {
    for (const figures of Bokeh.documents)
      for (const root of figures.roots()) yield* root.references();
  }

  function hideSpws() {
    for (const model of models())
      for (const tag of model.tags ?? [])
        if (/^spw\d+$/.test(tag)) model.visible = !hidden.has(tag);
  }

  // Panels have no ground of their own; what is black on white is to be seen on black.
  function ink(isDark) {
    const [text, line] = isDark ? ["#e4e4e4", "#4a4e55"] : ["#222222", "#e5e5e5"];
    for (const model of models()) {
      if (/Axis$/.test(model.type)) {
        for (const part of ["axis_label_text", "major_label_text", "axis_line", "major_tick_line", "minor_tick_line"])
          model[`${part}_color`] = text;
      } else if (model.type === "Grid") model.grid_line_color = line;
      else if (model.type === "Span") model.line_color = text;
      else if (model.type === "Figure") model.outline_line_color = line;
      else if (model.type === "Legend") {
        model.background_fill_color = isDark ? "#17191c" : "#ffffff";
        model.label_text_color = text;
      }
    }
  }

  // A swipe over a panel scrolls the page, unless a tool was chosen.
  function leaveSwipes() {
    for (const model of models())
      if (model.type === "Toolbar") model.active_drag = model.active_scroll = null;
  }

  function* within(root) {
    for (const part of root.querySelectorAll("*")) {
      yield part;
      if (part.shadowRoot) yield* within(part.shadowRoot);
    }
  }

  // Buttons of the figures are drawn as pictures: give them names for those who cannot see them.
  function nameButtons() {
    for (const place of document.querySelectorAll(".figures:not([hidden])"))
      for (const icon of within(place)) {
        if (!icon.classList.contains("bk-tool-icon")) continue;
        const button = icon.getRootNode().host;
        const name = button?.title || icon.title;
        if (!button || !name) continue;
        button.setAttribute("role", "button");
        button.setAttribute("aria-label", name);
        button.tabIndex = 0;
        button.onkeydown ??= (event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          button.click();
        };
      }
  }

  const drawn = (figures) =>
    new Promise((done) => (figures.is_idle ? done() : figures.idle.connect(() => done())));

  async function showTrack(track) {
    for (const part of document.querySelectorAll("section [data-track]"))
      part.hidden = part.dataset.track !== track;
    for (const data of document.querySelectorAll("script[type='application/json']")) {
      if (data.dataset.track !== track || data.dataset.drawn) continue;
      data.dataset.drawn = "yes";
      const { documents, items } = JSON.parse(data.textContent);
      await Bokeh.embed.embed_items(documents, items);
    }
    await Promise.all(Bokeh.documents.map(drawn));
    hideSpws();
    ink(dark.matches);
    if (touch.matches) leaveSwipes();
    nameButtons();
    document.body.dataset.shown = track;
  }

  for (const box of document.querySelectorAll("input[name='spw']")) {
    const note = () => (box.checked ? hidden.delete(box.value) : hidden.add(box.value));
    note(); // a browser remembers what was chosen before a reload
    box.addEventListener("change", () => {
      note();
      hideSpws();
    });
  }
  dark.addEventListener("change", () => ink(dark.matches));
  addEventListener("beforeprint", () => ink(false));
  addEventListener("afterprint", () => ink(dark.matches));
  // headings that are jumped to come to stand below the bar, however high it is
  const bar = document.querySelector(".chooser");
  const measure = () =>
    document.documentElement.style.setProperty("--bar", `${bar.offsetHeight}px`);
  new ResizeObserver(measure).observe(bar);
  measure();

  const tracks = [...document.querySelectorAll("input[name='track']")];
  for (const button of tracks)
    button.addEventListener("change", () => button.checked && showTrack(button.value));
  const chosen = tracks.find((button) => button.checked);
  if (chosen) showTrack(chosen.value);
})();
