"use strict";
// Shows one track at a time, whose figures are drawn when it is first shown, and hides spws.
(() => {
  const hidden = new Set();

  function hideSpws() {
    for (const figures of Bokeh.documents)
      for (const root of figures.roots())
        for (const model of root.references())
          for (const tag of model.tags ?? [])
            if (/^spw\d+$/.test(tag)) model.visible = !hidden.has(tag);
  }

  async function showTrack(track) {
    for (const part of document.querySelectorAll("section [data-track]"))
      part.hidden = part.dataset.track !== track;
    for (const data of document.querySelectorAll("script[type='application/json']")) {
      if (data.dataset.track !== track || data.dataset.drawn) continue;
      data.dataset.drawn = "yes";
      const { documents, items } = JSON.parse(data.textContent);
      await Bokeh.embed.embed_items(documents, items);
    }
    hideSpws();
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
  const tracks = [...document.querySelectorAll("input[name='track']")];
  for (const button of tracks)
    button.addEventListener("change", () => button.checked && showTrack(button.value));
  const chosen = tracks.find((button) => button.checked);
  if (chosen) showTrack(chosen.value);
})();
