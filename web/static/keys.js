// Single-letter keys: each presses the visible element that carries it as data-key. Off where a field has the focus,
// and altogether when the person switches them off (screen readers use the same letters).
const OFF = "earshot-keys";
const GO_MS = 1200;
let goUntil = 0;

const isOn = () => localStorage.getItem(OFF) !== "off";
const visible = (element) => element.checkVisibility() && element.getClientRects().length > 0;
const inField = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;

function press(element) {
  if (element.matches("input, textarea") && !element.matches("[type=checkbox]")) {
    element.focus();
    return;
  }
  if (element.matches("summary")) {
    const menu = element.parentElement;
    menu.open = !menu.open;
    const field = menu.open ? menu.querySelector(".menu-body textarea") : null; // letters are words there, not keys
    (field ?? element).focus();
    return;
  }
  element.click();
}

function find(key) {
  const open = document.querySelector("details.menu[open] .menu-body");
  const within = open ? [...open.querySelectorAll("[data-key]")] : [];
  const all = [...within, ...document.querySelectorAll("[data-key]")];
  return all.find((element) => element.dataset.key === key && visible(element));
}

// What a key does to the row that has the focus, also where the button stands in a closed menu.
function inRow(key) {
  if (document.querySelector("details.menu[open]")) return undefined;
  const row = document.activeElement?.closest?.("[data-rows] .row");
  return row?.querySelector(`[data-row-key="${CSS.escape(key)}"]`) ?? undefined;
}

// A list comes back in its new order after a change: the focus stays at the place where the person was working.
const PLACE = "earshot-place";

function keepPlace(event) {
  const row = event.target.closest("[data-rows] .row");
  if (!row) return;
  const place = [...row.parentElement.children].indexOf(row);
  sessionStorage.setItem(PLACE, JSON.stringify({ page: location.pathname, place }));
}

function takePlace() {
  const kept = JSON.parse(sessionStorage.getItem(PLACE) ?? "null");
  sessionStorage.removeItem(PLACE);
  if (kept?.page !== location.pathname) return;
  const links = [...document.querySelectorAll("[data-rows] .row-link")];
  links[Math.min(kept.place, links.length - 1)]?.focus();
}

function closeMenu() {
  const open = document.querySelector("details.menu[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  }
  return open !== null;
}

function move(step) {
  const links = [...document.querySelectorAll("[data-rows] .row-link")];
  if (!links.length) return false;
  const here = links.indexOf(document.activeElement);
  const next = links[here < 0 ? (step > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + step, 0), links.length - 1)];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function neighbour(step) {
  const rows = [...document.querySelectorAll(".short .row")];
  const here = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const link = rows[here + step]?.querySelector(".row-link");
  if (here >= 0 && link) location.assign(link.href);
  return here >= 0 && link !== undefined;
}

function onKey(event) {
  if (event.defaultPrevented || event.altKey) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = event.target.closest("form");
    const sends = form?.querySelector("[data-approve]") ?? form?.querySelector("button:not([type=button])");
    if (sends && event.target.matches("textarea")) {
      event.preventDefault();
      sends.click();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey) return;
  if (event.key === "Escape") return onEscape(event);
  if (!isOn() || inField(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && event.target.closest("a, button")) return; // it presses what has the focus
  if (handle(event.key)) event.preventDefault();
}

function onEscape(event) {
  if (document.querySelector("dialog[open]")) return;
  if (inField(event.target)) {
    event.target.blur();
    return;
  }
  if (!closeMenu() && isOn()) find("Escape")?.click();
}

function handle(key) {
  if (goUntil > Date.now()) {
    goUntil = 0;
    const place = document.querySelector(`.side [data-go="${CSS.escape(key)}"], .tabs [data-go="${CSS.escape(key)}"]`);
    if (place) location.assign(place.href);
    return place !== null;
  }
  if (key === "g") {
    goUntil = Date.now() + GO_MS;
    return true;
  }
  if (key === "?") {
    show();
    return true;
  }
  if (key === "j" || key === "k") {
    const step = key === "j" ? 1 : -1;
    if (move(step) || neighbour(step)) return true;
  }
  const element = inRow(key) ?? find(key);
  if (element) press(element);
  return element !== undefined;
}

function line(name, what) {
  const p = document.createElement("p");
  const label = document.createElement("span");
  const cap = document.createElement("kbd");
  label.textContent = what;
  cap.textContent = name;
  p.append(label, cap);
  return p;
}

function show() {
  const dialog = document.getElementById("keys");
  const lines = [line("j", "Next"), line("k", "Previous"), line("Enter", "Open")];
  const seen = new Set(["j", "k"]);
  for (const element of document.querySelectorAll("[data-key], [data-row-key]")) {
    const key = element.dataset.key ?? element.dataset.rowKey;
    if (seen.has(key) || /^\d$/.test(key)) continue;
    seen.add(key);
    const words = element.matches("input, textarea")
      ? element.closest("label")?.querySelector("span")?.textContent ?? element.placeholder
      : element.querySelector("span")?.textContent ?? element.textContent;
    lines.push(line(key === "Escape" ? "Esc" : key === "A" ? "Shift a" : key, words.trim().replace(/\s+\S$/, "")));
  }
  for (const place of document.querySelectorAll(".side [data-go]")) {
    lines.push(line(`g ${place.dataset.go}`, place.querySelector("span").textContent));
  }
  lines.push(line("Ctrl/⌘ Enter", "Approve from the editor"));
  dialog.querySelector(".keys-list").replaceChildren(...lines);
  dialog.showModal();
}

export function startKeys() {
  document.documentElement.classList.toggle("keys-off", !isOn());
  const box = document.querySelector("[data-keys-on]");
  if (box) {
    box.checked = isOn();
    box.addEventListener("change", () => {
      localStorage.setItem(OFF, box.checked ? "on" : "off");
      document.documentElement.classList.toggle("keys-off", !box.checked);
    });
  }
  const button = document.querySelector("[data-keys]");
  if (button) {
    button.hidden = false;
    button.addEventListener("click", show);
  }
  document.addEventListener("keydown", onKey);
  document.addEventListener("submit", keepPlace);
  takePlace();
  if (location.hash === "#themes") document.querySelector("details#themes")?.setAttribute("open", "");
}
