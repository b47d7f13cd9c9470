// The editor of problems: what is typed is saved and previewed after a pause, a fault's place leads
// to its line, and a seed to its variant.
"use strict";
(() => {
  const PAUSE_MS = 1500;
  const form = document.getElementById("files");
  const saved = () => document.getElementById("saved");
  let timer = 0;
  let dirty = false;

  function unsaved(words) {
    dirty = true;
    saved().textContent = words;
    // What would be published is older than what is typed. The answer to a save brings it anew.
    for (const button of document.querySelectorAll("#proof form button")) button.disabled = true;
  }

  form.addEventListener("input", () => {
    unsaved("Not saved yet…");
    clearTimeout(timer);
    timer = setTimeout(() => htmx.trigger(form, "autosave"), PAUSE_MS);
  });
  form.addEventListener("htmx:beforeRequest", () => { clearTimeout(timer); dirty = false; });
  // What was typed while a save was under way is not what it saved.
  document.addEventListener("htmx:oobAfterSwap", () => { if (dirty) unsaved("Not saved yet…"); });

  const failed = (why = "") => unsaved(`Not saved. What you typed is still here. ${why}`);
  form.addEventListener("htmx:sendError", () => failed());
  form.addEventListener("htmx:timeout", () => failed("The server does not answer."));
  // An error that comes as a whole page must not take the place of the editor.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (xhr.status < 500 && !xhr.getResponseHeader("HX-Retarget")) return;
    event.detail.shouldSwap = false;
    if (requestConfig.verb !== "post") return; // what only looks will look again
    const page = new DOMParser().parseFromString(xhr.responseText, "text/html");
    failed(page.querySelector("main p")?.textContent);
  });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });

  document.addEventListener("click", (event) => {
    const place = event.target.closest("[data-go-line]");
    if (place) {
      const file = form.elements[place.dataset.goFile];
      file?.dispatchEvent(new CustomEvent("goto", { detail: { line: Number(place.dataset.goLine) } }));
    }
    const seed = event.target.closest("[data-seed]");
    if (seed && form.elements.seeds) {
      form.elements.seeds.value = seed.dataset.seed;
      htmx.trigger(form, "autosave");
      document.getElementById("work").scrollIntoView({ block: "center" });
    }
  });
})();
