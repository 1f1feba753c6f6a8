// Keeps relative times true while a page stays open; says the same as web/wording.py.
const SAID_MS = 8000;
const UNDO_MS = 20000;

export function span(seconds) {
  const s = Math.floor(Math.abs(seconds));
  if (s < 60) return `${s} s`;
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 && hours < 6 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return hours % 24 && days < 3 ? `${days} d ${hours % 24} h` : `${days} d`;
}

function ago(moment) {
  const seconds = (Date.now() - moment) / 1000;
  if (Math.abs(seconds) < 5) return "just now";
  return seconds > 0 ? `${span(seconds)} ago` : `in ${span(seconds)}`;
}

// An approval that is held waits; other words are judged anew, so typing makes the buttons work again.
let typed = false;
function hold(held) {
  for (const button of document.querySelectorAll("[data-waits]")) button.disabled = held && !typed;
}

function countDown() {
  for (const time of document.querySelectorAll("time[data-until]")) {
    const left = Math.ceil((Date.parse(time.dataset.until) - Date.now()) / 1000);
    time.textContent = left > 0 ? `${left} s` : "";
    const said = time.closest(".said");
    if (said && left <= 0) said.hidden = true;
    if (time.hasAttribute("data-holds")) hold(left > 0);
  }
}

// What was done is said for a moment and then out of the way; not while somebody is at it.
function passBy() {
  const said = document.querySelector(".said");
  if (!said || said.querySelector("time[data-until]")) return;
  const wait = said.querySelector("form") ? UNDO_MS : SAID_MS;
  const leave = () => {
    if (said.matches(":hover, :focus-within")) setTimeout(leave, SAID_MS);
    else said.hidden = true;
  };
  setTimeout(leave, wait);
}

export function startTimes() {
  passBy();
  if (document.querySelector("time[data-until]")) {
    document.querySelector("[data-editor]")?.addEventListener("input", () => {
      typed = true;
      countDown();
    });
    countDown();
    setInterval(countDown, 500);
  }
  setInterval(() => {
    for (const time of document.querySelectorAll("time[data-ago]")) time.textContent = ago(Date.parse(time.dateTime));
  }, 30000);
}
