(() => {
  "use strict";
  const all = (what, from = document) => Array.from(from.querySelectorAll(what));

  // Tables sort by the column whose heading is pressed.
  for (const table of all("table.sortable")) {
    const heads = all("thead th", table);
    heads.forEach((head, column) => head.firstElementChild.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const body = table.tBodies[0];
      const key = (row) => row.cells[column].dataset.sort;
      const numeric = head.classList.contains("num");
      const rows = Array.from(body.rows).sort((a, b) => numeric
        ? Number(key(a)) - Number(key(b)) : key(a).localeCompare(key(b)));
      if (down) rows.reverse();
      body.append(...rows);
    }));
  }

  // Prompts stand in the page once and are copied to where they are opened.
  for (const fold of all("details[data-prompt]")) {
    fold.addEventListener("toggle", () => {
      const place = fold.querySelector(".prompt-place");
      if (fold.open && !place.firstChild) {
        place.append(document.getElementById(fold.dataset.prompt).content.cloneNode(true));
      }
    });
  }

  // Commands are copied by a button where the browser allows it.
  if (navigator.clipboard) {
    for (const button of all("button.copy")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        navigator.clipboard.writeText(button.previousElementSibling.textContent).then(
          () => { button.textContent = "Copied"; },
          () => { button.textContent = "Not allowed here"; });
      });
    }
  }

  // The browser of transcripts: one article at a time, chosen in the list.
  const browser = document.querySelector(".browser");
  if (!browser) return;
  browser.classList.add("live");
  const entries = all(".list li", browser);
  const link = (entry) => entry.firstElementChild;
  const article = (entry) => document.getElementById(link(entry).hash.slice(1));
  const selects = all("select[data-filter]");
  const count = document.querySelector(".count");

  function show(entry, focus) {
    for (const other of entries) {
      const chosen = other === entry;
      article(other).hidden = !chosen;
      if (chosen) link(other).setAttribute("aria-current", "true");
      else link(other).removeAttribute("aria-current");
    }
    if (entry) browser.querySelector(".reading").scrollTop = 0;
    if (entry && focus) article(entry).focus({ preventScroll: window.innerWidth > 740 });
  }

  function filter() {
    const fits = (entry) => selects.every((s) => !s.value || entry.dataset[s.dataset.filter] === s.value);
    const shown = entries.filter((entry) => (entry.hidden = !fits(entry), !entry.hidden));
    count.textContent = shown.length + " of " + entries.length + " shown";
    if (!shown.some((entry) => link(entry).hasAttribute("aria-current"))) show(shown[0], false);
  }

  for (const entry of entries) {
    link(entry).addEventListener("click", (event) => {
      event.preventDefault();
      history.replaceState(null, "", link(entry).hash);
      show(entry, true);
    });
  }
  browser.querySelector(".list").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = entries.indexOf(document.activeElement.parentElement);
    if (!step || at < 0) return;
    const visible = entries.filter((entry) => !entry.hidden);
    const next = visible[visible.indexOf(entries[at]) + step];
    if (next) { event.preventDefault(); link(next).focus(); show(next, false); }
  });
  for (const select of selects) select.addEventListener("change", filter);
  document.querySelector(".filters").hidden = false;
  const asked = entries.find((entry) => link(entry).hash === location.hash);
  show(asked || entries[0], false);
  filter();
})();
