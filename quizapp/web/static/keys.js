// Keys for the page (a letter clicks what carries it as data-key, ? shows them all), and a word to
// screen readers when htmx has put in a part of the page that carries data-announce.
"use strict";
(() => {
  const STORE = "keys-off";
  const dialog = document.getElementById("keys");
  const off = document.getElementById("keys-off");

  // Storage may be barred altogether; then the choice lasts as long as the page.
  function stored() {
    try { return localStorage.getItem(STORE) === "yes"; } catch { return false; }
  }
  function store(value) {
    try { localStorage.setItem(STORE, value ? "yes" : "no"); } catch { /* as above */ }
  }

  if (off) {
    off.checked = stored();
    off.addEventListener("change", () => store(off.checked));
  }

  const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable=true]";

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.repeat || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return;
    if ((off ? off.checked : stored()) || event.target.closest(TYPING)) return;
    if (document.querySelector("dialog[open]")) return;
    if (event.key === "?") {
      dialog?.showModal();
    } else {
      const target = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
      if (!target || target.disabled) return;
      // What cannot be taken back is only gone to; Enter, or the same key again, does it.
      if ("keyTwice" in target.dataset && document.activeElement !== target) target.focus();
      else target.click();
    }
    event.preventDefault();
  });

  // A link that looks like a button is pressed like one.
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || !event.target.matches("a[role=button]")) return;
    event.preventDefault();
    event.target.click();
  });

  // Moments are shown on the browser's own clock, with its zone, unless they stay on the course's.
  const CLOCK = new Intl.DateTimeFormat(undefined, {
    year: "numeric", month: "short", day: "numeric",
    hour: "numeric", minute: "2-digit", timeZoneName: "short",
  });
  function localise(part) {
    for (const time of part.querySelectorAll("time[datetime]:not([data-stays])")) {
      time.textContent = CLOCK.format(new Date(time.dateTime));
    }
  }
  document.addEventListener("htmx:load", ({ detail }) => localise(detail.elt));
  localise(document);

  // A way to the dialog for those who use no keys, or have turned them off.
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open=keys]")) dialog?.showModal();
  });

  document.addEventListener("htmx:load", (event) => {
    const { elt } = event.detail;
    if (elt === document.body) return; // the page itself, which a reader reads anyway
    const said = elt.matches("[data-announce]") ? elt : elt.querySelector("[data-announce]");
    if (!said) return;
    said.scrollIntoView({ block: "nearest" }); // on a phone the marks may have pushed it away
    if (document.activeElement === document.body) { // what had the focus was replaced
      said.tabIndex = -1;
      said.focus({ preventScroll: true });
    }
    const live = document.getElementById("live");
    if (!live) return;
    live.textContent = ""; // the same words twice are two announcements
    setTimeout(() => { live.textContent = said.dataset.announce || said.textContent.trim(); }, 50);
  });
})();
