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

  // Tables and figures are saved as files: made here, without a network.
  const save = (text, kind, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: kind }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  // What a spreadsheet would take for a formula is text here; figures with a sign are none.
  const cell = (node) => {
    const text = node.textContent.replace(/\s+/g, " ").trim();
    const inert = /^[=@\t]|^[+-](?![\d.])/.test(text) ? "'" + text : text;
    return '"' + inert.replace(/"/g, '""') + '"';
  };
  const csv = (table) => all("tr", table).map((row) => Array.from(row.cells).map(cell).join(",")).join("\r\n") + "\r\n";
  const visible = (node) => node.getClientRects().length > 0;
  function svg(figure) {
    const space = "http://www.w3.org/2000/svg";
    const make = (tag, marks, text) => {
      const node = document.createElementNS(space, tag);
      for (const key of Object.keys(marks)) node.setAttribute(key, marks[key]);
      if (text) node.textContent = text;
      return node;
    };
    const sheet = document.querySelector("style").textContent.split("/* figures */")[1];
    const whole = make("svg", { xmlns: space, class: "figure" });
    whole.append(make("style", {}, sheet), document.querySelector(".defs defs").cloneNode(true));
    const ground = make("rect", { class: "paper", width: "100%", height: "100%" });
    whole.append(ground, make("text", { class: "title", x: 12, y: 24 }, figure.querySelector("h3").textContent));
    let y = 40, widest = 0;
    for (const key of all(".legend li", figure)) {
      const mark = key.firstElementChild.cloneNode(true);
      for (const [name, value] of [["x", 12], ["y", y], ["width", 22], ["height", 12]]) mark.setAttribute(name, value);
      whole.append(mark, make("text", { class: "key", x: 40, y: y + 10 }, key.textContent));
      y += 18;
    }
    for (const picture of all("svg.figure[role=img]", figure).filter(visible)) {
      const box = picture.viewBox.baseVal;
      const group = picture.closest(".panel, .group");
      const head = group && group.querySelector("h4");
      if (head) whole.append(make("text", { class: "heading", x: 12, y: y + 16 }, head.textContent));
      if (head) y += 24;
      const copy = picture.cloneNode(true);
      for (const [key, value] of [["x", 12], ["y", y], ["width", box.width], ["height", box.height]]) copy.setAttribute(key, value);
      whole.append(copy);
      y += box.height + 16;
      widest = Math.max(widest, box.width);
    }
    for (const [key, value] of [["width", widest + 24], ["height", y], ["viewBox", "0 0 " + (widest + 24) + " " + y]]) whole.setAttribute(key, value);
    return new XMLSerializer().serializeToString(whole);
  }
  for (const tools of all(".tools")) tools.hidden = false;
  for (const button of all("button.save")) {
    button.addEventListener("click", () => button.dataset.save === "csv"
      ? save(csv(button.parentElement.nextElementSibling.querySelector("table")), "text/csv", button.dataset.name + ".csv")
      : save(svg(button.closest("figure")), "image/svg+xml", button.dataset.name + ".svg"));
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

  // Commands are copied by a button; where the browser refuses, the command stands selected for Ctrl+C.
  const select = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    const selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };
  for (const button of all("button.copy")) {
    const command = button.previousElementSibling;
    const byHand = () => {
      select(command);
      button.textContent = document.execCommand("copy") ? "Copied" : "Selected: press Ctrl+C";
    };
    button.addEventListener("click", () => {
      if (!navigator.clipboard) byHand();
      else navigator.clipboard.writeText(command.textContent).then(() => { button.textContent = "Copied"; }, byHand);
    });
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
  const fits = (entry, except) => selects.every(
    (s) => s === except || !s.value || entry.dataset[s.dataset.filter] === s.value);

  function show(entry, focus) {
    for (const other of entries) {
      const chosen = other === entry;
      article(other).hidden = !chosen;
      link(other).tabIndex = chosen ? 0 : -1;
      if (chosen) link(other).setAttribute("aria-current", "true");
      else link(other).removeAttribute("aria-current");
    }
    if (entry) browser.querySelector(".reading").scrollTop = 0;
    if (entry && focus) article(entry).focus({ preventScroll: window.innerWidth > 740 });
  }

  // Each filter's choices say how many transcripts they would leave, given the other filters.
  function filter() {
    const shown = entries.filter((entry) => (entry.hidden = !fits(entry), !entry.hidden));
    for (const s of selects) {
      const left = entries.filter((entry) => fits(entry, s));
      for (const option of s.options) {
        const n = left.filter((entry) => !option.value || entry.dataset[s.dataset.filter] === option.value).length;
        option.textContent = (option.dataset.text || "all") + " (" + n + ")";
      }
    }
    count.textContent = shown.length + " of " + entries.length + " shown";
    document.querySelector(".none").hidden = shown.length > 0;
    if (!shown.some((entry) => link(entry).hasAttribute("aria-current"))) show(shown[0], false);
  }

  function clear() {
    for (const s of selects) s.value = "";
    filter();
  }

  // A link to a transcript opens it, whatever the filters hide.
  function follow() {
    const asked = entries.find((entry) => link(entry).hash === location.hash);
    if (!asked) return;
    if (asked.hidden) clear();
    show(asked, false);
    link(asked).scrollIntoView({ block: "nearest", behavior: "instant" });
    browser.scrollIntoView({ behavior: "instant" });
  }

  // A finding's chip leads to the words that are its evidence; where none are quoted, and from the outcome, to the act.
  function decisive(article, finding) {
    const tag = (mark) => mark.title.split(", ");
    const quoted = all("mark", article).filter((mark) => !finding || tag(mark).includes(finding));
    const acts = all(".act, .block.performed", article);
    return finding ? quoted[0] || acts[acts.length - 1] : acts.find((a) => a.querySelector("mark")) || quoted[0] || acts[acts.length - 1];
  }
  for (const chip of all("[data-finding]", browser)) {
    chip.addEventListener("click", (event) => {
      event.preventDefault();
      const place = decisive(chip.closest("article"), chip.dataset.finding);
      for (const old of all(".asked")) old.classList.remove("asked");
      if (!place) {
        chip.title = "No act was performed, and no words are quoted for this.";
        return;
      }
      for (let fold = place.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
      place.classList.add("asked");
      place.tabIndex = -1;
      place.focus({ preventScroll: true });
      place.scrollIntoView({ block: "center", behavior: "instant" });
    });
  }

  for (const entry of entries) {
    link(entry).addEventListener("click", (event) => {
      event.preventDefault();
      history.replaceState(null, "", link(entry).hash);
      show(entry, true);
    });
  }
  browser.querySelector(".list").addEventListener("keydown", (event) => {
    const visible = entries.filter((entry) => !entry.hidden);
    const at = visible.indexOf(document.activeElement.parentElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: visible.length - 1 }[event.key];
    if (at < 0 || to === undefined || !visible[to]) return;
    event.preventDefault();
    show(visible[to], false);
    link(visible[to]).focus();
  });
  for (const s of selects) s.addEventListener("change", filter);
  document.querySelector(".clear").addEventListener("click", clear);
  document.querySelector(".filters").hidden = false;
  show(entries[0], false);
  filter();
  follow();
  window.addEventListener("hashchange", follow);
})();
