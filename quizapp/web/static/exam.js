// The page of an exam, or of a quiz: saves what is typed as it is typed, and counts down by the server's clock.
"use strict";
(() => {
  const form = document.getElementById("exam");
  const clock = document.getElementById("clock");
  const saved = document.getElementById("saved");
  const warning = document.getElementById("warning");
  if (!form) return;

  const TYPING_PAUSE = 400;
  const BEAT = 15_000; // REPORTED of quizapp/services/timekeeping.py, which counts time by these
  const WARNINGS = [[60, "Less than a minute is left."], [300, "Less than five minutes are left."]];
  const saves = form.action !== form.dataset.end;

  // This machine's clock may be wrong or be set: the server says how long is left, and
  // performance.now() counts on from there.
  let end = clock ? performance.now() + 1000 * Number(clock.dataset.left) : Infinity;
  let changed = new Map();
  let sending = false, leaving = false, timer = null, wait = 1000;

  function body(entries) {
    return new URLSearchParams([["csrf_token", form.elements.csrf_token.value], ...entries]);
  }

  async function send() {
    if (sending || leaving || !saves) return;
    sending = true;
    const batch = changed;
    changed = new Map();
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: body(batch), headers: { "HX-Request": "true" }, redirect: "manual",
      });
      if (answer.status === 401) { // signed out elsewhere: what was typed comes back after signing in
        document.dispatchEvent(new Event("quizapp:signed-out"));
        leave(location.href);
        return;
      }
      if ([404, 409].includes(answer.status)) { leave(form.dataset.exam); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const { left_s: left, readings } = await answer.json();
      if (left !== null) end = performance.now() + 1000 * left;
      wait = 1000;
      for (const [part, text] of Object.entries(readings)) {
        const place = document.getElementById(`${part}-read`);
        if (place && !changed.has(part)) place.textContent = text;
      }
      if (batch.size) saved.textContent = changed.size ? "Saving…" : "Saved";
      if (changed.size) later(TYPING_PAUSE);
    } catch {
      // What was typed since is newer than what could not be sent.
      changed = new Map([...batch, ...changed]);
      if (changed.size) saved.textContent = "Not saved yet: no connection. Trying again…";
      later(wait);
      wait = Math.min(2 * wait, BEAT);
    } finally {
      sending = false;
    }
  }

  function later(pause) {
    clearTimeout(timer);
    timer = setTimeout(send, pause);
  }

  function leave(address) {
    leaving = true;
    location.assign(address);
  }

  form.addEventListener("input", ({ target }) => {
    if (!target.name) return;
    changed.set(target.name, target.value);
    saved.textContent = "Saving…";
    later(TYPING_PAUSE);
  });
  form.addEventListener("submit", () => { leaving = true; });
  // A tab that is closed in the middle of a word.
  addEventListener("pagehide", () => {
    if (changed.size && saves) navigator.sendBeacon(form.action, body(changed));
  });
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) send(); });
  setInterval(() => { if (!document.hidden) send(); }, BEAT);

  function shown(left) { // as quizapp/web/pages.py shows it
    const two = (number) => String(Math.floor(number)).padStart(2, "0");
    const days = Math.floor(left / 86400), hours = Math.floor(left / 3600);
    if (days) return `${days} day${days === 1 ? "" : "s"} ${hours % 24} h`;
    if (hours) return `${hours}:${two(left / 60 % 60)}:${two(left % 60)}`;
    return `${Math.floor(left / 60)}:${two(left % 60)}`;
  }

  function tick() {
    const left = Math.max(0, Math.ceil((end - performance.now()) / 1000));
    clock.textContent = `${shown(left)} left`;
    const [, words] = WARNINGS.find(([below]) => left < below) || [];
    if (words && warning.textContent !== words) { // an alert is read out when its text changes
      clock.classList.add("soon");
      warning.classList.remove("visually-hidden");
      warning.textContent = words;
    }
    if (left === 0 && !leaving) over();
  }

  async function over() {
    await send(); // the server takes what comes a few seconds late
    leaving = true;
    form.action = form.dataset.end;
    form.noValidate = true;
    form.submit();
  }

  if (clock) {
    tick();
    setInterval(tick, 500);
  }
})();
