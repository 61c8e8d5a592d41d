// What pages do beyond links and forms: they say when they are busy, complete addresses, and keep unsent text.
(() => {
  "use strict";
  const root = document.documentElement;
  const own = (link) => link.origin === location.origin && !link.target && !link.hash;

  // Busy from the click to the new content.
  const busy = () => root.setAttribute("data-busy", "");
  const idle = () => root.removeAttribute("data-busy");
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href], [hx-get]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (link.matches("[hx-get]") || own(link)) busy();
  }, true);
  addEventListener("submit", (event) => { if (event.target.checkValidity()) busy(); }, true);
  addEventListener("pageshow", idle);
  document.addEventListener("htmx:finally:request", (event) => {
    if (event.detail?.ctx?.sourceElement?.matches?.("[hx-trigger]")) return; // the pulse
    idle();
    settle();
  });
  document.addEventListener("htmx:error", idle);

  // After a new view: begin at its top, and let the keyboard go on from there.
  let shown = location.href;
  const settle = () => {
    const nav = document.getElementById("nav");
    if (nav?.matches(":popover-open")) nav.hidePopover();
    if (location.href === shown) return;
    shown = location.href;
    const pane = document.getElementById("pane");
    const main = document.getElementById("main");
    pane?.scrollTo(0, 0);
    if (!main.querySelector("#pane")) main.scrollTo(0, 0);
    if (matchMedia("(max-width: 767px)").matches) scrollTo(0, 0);
    const field = main.querySelector("form.write :is(input:not([type=hidden]), textarea)");
    if (field && matchMedia("(min-width: 768px)").matches) field.focus();
  };

  // Keys: j and k go down and up the list, / to the search, c and r write, as in other mail clients.
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.("input, textarea, select")) return;
    const rows = [...document.querySelectorAll(".rows a")];
    const at = rows.findIndex((row) => row === document.activeElement || row.hasAttribute("aria-current"));
    const on = rows.indexOf(document.activeElement);
    const click = (selector) => document.querySelector(selector)?.click();
    if (event.key === "j" || event.key === "k") {
      const from = on >= 0 ? on : at;
      rows[Math.min(Math.max(from + (event.key === "j" ? 1 : -1), 0), rows.length - 1)]?.focus();
    } else if (event.key === "/") document.querySelector(".top input[type=search]")?.focus();
    else if (event.key === "c") click("[data-nav=compose]");
    else if (event.key === "r") click("[data-do=reply]");
    else if (event.key === "a") click("[data-do=reply-all]");
    else if (event.key === "f") click("[data-do=forward]");
    else return;
    event.preventDefault();
  });

  // Addresses that complete: a list below the field, of people whom the page knows.
  let open = null;
  const close = () => { open?.list.remove(); open?.field.removeAttribute("aria-expanded"); open?.field.removeAttribute("aria-activedescendant"); open = null; };
  const last = (field) => field.dataset.people === "one" ? field.value : field.value.split(/[,;]/).pop();
  const fits = (written) => {
    const words = written.trim().toLowerCase().split(/\s+/);
    if (!words[0]) return [];
    return [...document.querySelectorAll("#people option")]
      .filter((o) => words.every((w) => `${o.textContent} ${o.value}`.toLowerCase().includes(w))).slice(0, 6);
  };
  const take = (option) => {
    const { field } = open;
    if (field.dataset.people === "one") field.value = option.dataset.value;
    else {
      const before = field.value.split(/[,;]/).slice(0, -1).map((a) => a.trim()).filter(Boolean);
      field.value = [...before, option.dataset.value, ""].join(", ");
    }
    close();
    field.focus();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const offer = (field) => {
    close();
    const found = fits(last(field)).filter((o) => o.value !== last(field).trim());
    if (!found.length) return;
    const list = document.createElement("ul");
    list.className = "offers";
    list.id = `offers-${field.id}`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Addresses");
    found.forEach((o, i) => {
      const item = document.createElement("li");
      item.id = `${list.id}-${i}`;
      item.setAttribute("role", "option");
      item.dataset.value = o.value;
      const name = document.createElement("b");
      name.textContent = o.textContent || o.value;
      const address = document.createElement("span");
      address.textContent = o.value;
      item.append(name, address);
      item.addEventListener("mousedown", (event) => { event.preventDefault(); take(item); });
      list.append(item);
    });
    field.after(list);
    field.setAttribute("aria-expanded", "true");
    open = { field, list, at: -1 };
  };
  const point = (by) => {
    const items = [...open.list.children];
    items[open.at]?.removeAttribute("aria-selected");
    open.at = (open.at + by + items.length) % items.length;
    items[open.at].setAttribute("aria-selected", "true");
    open.field.setAttribute("aria-activedescendant", items[open.at].id);
  };
  addEventListener("input", (event) => { if (event.target.matches?.("[data-people]")) offer(event.target); });
  addEventListener("focusout", (event) => { if (open?.field === event.target) close(); });
  addEventListener("keydown", (event) => {
    if (!open || event.target !== open.field) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") point(event.key === "ArrowDown" ? 1 : open.at < 0 ? 0 : -1);
    else if ((event.key === "Enter" || event.key === "Tab") && open.at >= 0) take(open.list.children[open.at]);
    else if (event.key === "Escape") close();
    else return;
    if (event.key !== "Tab") event.preventDefault();
  }, true);

  // Unsent text is kept by the page's server a moment after it was typed.
  let waiting = null;
  const keep = async (form) => {
    waiting = null;
    if (!form.isConnected) return;
    const answer = await fetch(form.dataset.unsent, { method: "POST", body: new URLSearchParams(new FormData(form)), keepalive: false });
    if (answer.ok && form.isConnected) form.elements.unsent.value = await answer.text();
  };
  const soon = (event) => {
    const form = event.target.closest?.("form[data-unsent]");
    if (!form) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => keep(form), 600);
  };
  addEventListener("input", soon);
  addEventListener("change", soon);
  addEventListener("submit", () => clearTimeout(waiting), true);

  // The scale of the question at the end.
  addEventListener("input", (event) => {
    if (event.target.name === "likely") event.target.parentElement.querySelector("output").value = event.target.value;
  });
})();
