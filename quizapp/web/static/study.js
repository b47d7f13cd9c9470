// Two comforts of the practice pages: a worked solution that opens step by step, and typed text
// that is still there after a session ended and one has signed in again.
"use strict";
(() => {
  // ---- The solution, step by step. Without this script it is there whole. ----

  const shown = new Map(); // by address: steps seen, for when the page puts the part in anew

  function stepwise(solution) {
    const steps = [];
    for (const block of solution.querySelectorAll(":scope > :not(summary)")) {
      // A formula, a table or a list belongs to the sentence before it.
      if (block.matches("p, h3, h4") || !steps.length) steps.push([block]);
      else steps.at(-1).push(block);
    }
    if (steps.length < 2) return;
    const bar = document.createElement("p");
    bar.className = "toolbar";
    const next = document.createElement("button");
    const all = document.createElement("button");
    next.type = all.type = "button";
    all.className = "secondary";
    next.dataset.key = "e";
    all.textContent = "Show all steps";
    bar.append(next, all);
    solution.append(bar);

    function show(count, focus) {
      shown.set(location.pathname, count);
      steps.forEach((step, index) => { for (const block of step) block.hidden = index >= count; });
      next.textContent = `Next step (${count} of ${steps.length})`;
      bar.hidden = count >= steps.length;
      if (!focus) return;
      const [first] = steps[count - 1];
      first.tabIndex = -1; // a reader reads on from here
      first.focus({ preventScroll: true });
    }
    next.addEventListener("click", () => show(Number(shown.get(location.pathname)) + 1, true));
    all.addEventListener("click", () => show(steps.length, false));
    show(shown.get(location.pathname) || 1, false);
  }

  // ---- What was typed when the session ended. ----

  const STORE = "typed";
  const FIELDS = "form input:not([type=hidden], [type=password]), form textarea";
  const user = document.body.dataset.user || "";

  function keep() {
    const texts = {};
    for (const field of document.querySelectorAll(FIELDS)) {
      if (field.matches("[type=radio], [type=checkbox]")) {
        if (field.checked && field.name) texts[field.name] = field.value;
      } else if (field.name) texts[field.name] = field.value;
    }
    try {
      sessionStorage.setItem(STORE, JSON.stringify({ path: location.pathname, user, texts }));
    } catch { /* storage is barred: nothing can be kept */ }
  }

  function restore() {
    let kept = null;
    try {
      kept = JSON.parse(sessionStorage.getItem(STORE));
      // Only for the same person, on the same page, once.
      if (kept && user) sessionStorage.removeItem(STORE);
    } catch { return; }
    if (!kept || kept.path !== location.pathname || kept.user !== user) return;
    for (const field of document.querySelectorAll(FIELDS)) {
      const text = kept.texts[field.name];
      if (text === undefined) continue;
      if (field.matches("[type=radio], [type=checkbox]")) field.checked = field.value === text;
      else field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  document.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
    if (detail.xhr.status === 401) keep();
  });
  document.addEventListener("quizapp:signed-out", keep); // an exam's page says so by itself
  document.addEventListener("htmx:load", ({ detail }) => {
    for (const solution of detail.elt.querySelectorAll("#variant details.solution")) stepwise(solution);
    if (detail.elt.matches("details.solution")) stepwise(detail.elt);
  });
  restore();
})();
