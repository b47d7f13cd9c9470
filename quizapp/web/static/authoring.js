// The editor of problems: what is typed is saved and previewed after a pause, a fault's place leads
// to its line, and a seed to its variant.
"use strict";
(() => {
  const PAUSE_MS = 1500;
  const form = document.getElementById("files");
  const saved = () => document.getElementById("saved");
  let timer = 0;
  let dirty = false;

  form.addEventListener("input", () => {
    if (!dirty) saved().textContent = "Not saved yet…";
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(() => htmx.trigger(form, "autosave"), PAUSE_MS);
  });
  form.addEventListener("htmx:beforeRequest", () => { clearTimeout(timer); dirty = false; });
  const failed = () => {
    dirty = true;
    saved().textContent = "Not saved. What you typed is still here.";
  };
  form.addEventListener("htmx:sendError", failed);
  form.addEventListener("htmx:responseError", failed);
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
