// Offers the browser's own time zone where a course is made. Without scripts it stands at UTC.
"use strict";
(() => {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  for (const select of document.querySelectorAll("select[data-own-zone]")) {
    if ([...select.options].some((option) => option.value === own)) select.value = own;
  }
})();
