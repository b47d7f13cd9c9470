// Turns <textarea data-editor="python"> (or "text") into a code editor. The textarea stays in the
// form and in step with the editor, so without this script the page works just as well. An event
// "goto" on the textarea, with {line}, moves the cursor there.
"use strict";
(() => {
  const { basicSetup, EditorView, EditorState, keymap, indentWithTab, indentUnit } = CodeMirror;
  const { HighlightStyle, syntaxHighlighting, python, tags } = CodeMirror;

  // The page's policy takes style sheets by nonce alone; the script's tag carries it.
  const nonce = document.currentScript.dataset.nonce || "";

  // Colours are tokens.css's, so one style serves light and dark. (CodeMirror's own colours
  // cannot be read on a dark ground.)
  const highlight = HighlightStyle.define([
    { tag: [tags.keyword, tags.operatorKeyword, tags.self], color: "var(--code-keyword)" },
    { tag: [tags.bool, tags.null, tags.number], color: "var(--code-number)" },
    { tag: [tags.string, tags.special(tags.string)], color: "var(--code-string)" },
    { tag: [tags.comment], color: "var(--code-comment)", fontStyle: "italic" },
    { tag: [tags.function(tags.definition(tags.variableName)), tags.definition(tags.className)],
      color: "var(--code-name)", fontWeight: "600" },
    { tag: [tags.meta], color: "var(--code-name)" },
  ]);
  const look = EditorView.theme({
    "&": { color: "var(--ink)", backgroundColor: "var(--sunken)", fontSize: "1rem" },
    "&.cm-focused": { outline: "none" }, // the box around it shows the focus
    ".cm-scroller": { fontFamily: "var(--font-code)", lineHeight: "1.55", maxHeight: "70vh" },
    ".cm-content": { caretColor: "var(--ink)", minHeight: "14rem", paddingBlock: "0.75rem" },
    ".cm-cursor, .cm-dropCursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
    ".cm-gutters": { color: "var(--ink-soft)", backgroundColor: "var(--sunken)", border: "none" },
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--line-active)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
      { background: "var(--selection)" },
    ".cm-selectionMatch, .cm-searchMatch": { backgroundColor: "var(--selection)" },
    "&.cm-focused .cm-matchingBracket": {
      backgroundColor: "var(--selection)", outline: "1px solid var(--accent)" },
    ".cm-tooltip, .cm-panels": {
      color: "var(--ink)", backgroundColor: "var(--surface)", border: "1px solid var(--line)" },
    ".cm-tooltip-autocomplete ul li[aria-selected]": {
      color: "var(--on-accent)", background: "var(--accent)" },
    ".cm-foldPlaceholder": {
      color: "var(--ink-soft)", backgroundColor: "transparent", borderColor: "var(--line)" },
  });

  function submit(form) {
    // With the first submit button, as Enter in a plain field does: its name is sent too.
    form?.requestSubmit(form.querySelector("button:not([type]), [type=submit]"));
    return true;
  }

  function enhance(textarea) {
    if (textarea.hidden) return;
    const label = textarea.labels[0];
    const name = textarea.ariaLabel || label?.textContent.trim() || "Code";
    const attributes = { "aria-label": name, tabindex: "0" };
    const described = textarea.getAttribute("aria-describedby");
    if (described) attributes["aria-describedby"] = described;

    const view = new EditorView({
      doc: textarea.value,
      extensions: [
        EditorView.cspNonce.of(nonce),
        // Before basicSetup, which takes Ctrl+Enter. Tab indents; Escape, then Tab, leaves.
        keymap.of([{ key: "Mod-Enter", run: () => submit(textarea.form) }, indentWithTab]),
        basicSetup,
        EditorState.tabSize.of(4),
        indentUnit.of("    "),
        EditorState.readOnly.of(textarea.readOnly || textarea.disabled),
        EditorView.contentAttributes.of(attributes),
        textarea.dataset.editor === "python" ? python() : EditorView.lineWrapping,
        syntaxHighlighting(highlight),
        look,
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          textarea.value = update.state.doc.toString();
          textarea.dispatchEvent(new Event("input", { bubbles: true })); // for autosave
        }),
      ],
    });
    textarea.required = false; // a hidden field that must be filled in stops a form without a word
    textarea.hidden = true;
    textarea.after(view.dom);
    label?.addEventListener("click", () => view.focus());
    textarea.addEventListener("goto", ({ detail }) => {
      const line = view.state.doc.line(Math.min(Math.max(detail.line, 1), view.state.doc.lines));
      view.dispatch({ selection: { anchor: line.from, head: line.to }, scrollIntoView: true });
      view.focus();
    });
  }

  const enhanceIn = (root) => root.querySelectorAll("textarea[data-editor]").forEach(enhance);
  enhanceIn(document);
  document.addEventListener("htmx:load", (event) => {
    const { elt } = event.detail;
    if (elt.matches("textarea[data-editor]")) enhance(elt);
    else enhanceIn(elt);
  });
})();
