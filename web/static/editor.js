// The draft: live checks of the reply contract, length, characters that deceive. The server decides; this only shows.
import { startMending } from "./mending.js";
import { startKeeping } from "./keeping.js";

const WAIT_MS = 350;
const LONGEST_QUOTE = 40;

export const isUnsaved = (text) => text.value !== text.defaultValue || text.hasAttribute("data-unsaved");

function button(form, action, found, words) {
  const made = document.createElement("button");
  made.className = "btn small";
  made.name = "finding";
  made.value = found.key;
  made.textContent = words;
  made.setAttribute("formaction", form.dataset.check.replace(/check$/, action));
  return made;
}

function finding(form, found) {
  const item = document.createElement("li");
  item.className = found.blocking ? "blocking" : "hint";
  const title = document.createElement("b");
  const rule = found.rule.replaceAll("_", " ");
  title.textContent = `${found.overruled ? "Overruled" : found.blocking ? "Stops approval" : "Mind"}: ${rule}. `;
  item.append(title, found.advice);
  if (found.words) {
    const quote = document.createElement("q");
    quote.dir = "auto";
    quote.textContent = found.words;
    item.append(" ", quote);
  }
  if (found.blocking && found.never_overruled) item.append(" It cannot be overruled.");
  if (found.fix && !found.overruled) {
    const mend = button(form, "mend", found, "Mend");
    mend.dataset.fix = found.fix;
    item.append(" ", mend);
  }
  return item;
}

function odd(piece) {
  const item = document.createElement("p");
  const mark = document.createElement("mark");
  mark.className = "odd";
  mark.textContent = piece.text;
  item.append(mark, " ", piece.why);
  return item;
}

function overruling(found) {
  const words = found.words.length > LONGEST_QUOTE ? `${found.words.slice(0, LONGEST_QUOTE)}…` : found.words;
  return `Overrule: ${found.rule.replaceAll("_", " ")}${words ? ` “${words}”` : ""}`;
}

function showOverruling(form, findings) {
  const box = form.querySelector("[data-overrule]");
  const open = findings.filter((found) => found.blocking && !found.never_overruled);
  box.hidden = open.length === 0;
  const made = open.map((found) => button(form, "overrule", found, overruling(found)));
  box.querySelector("[data-overrule-buttons]")?.replaceChildren(...made);
}

function showDepth(form, text, result) {
  const line = form.querySelector("[data-depth]");
  line.className = `depth ${result.depth.level}`;
  line.textContent = result.depth.said;
  const first = form.querySelector("[data-first]");
  if (first) first.hidden = text.value !== text.defaultValue;
  const approve = form.querySelector("[data-approve]");
  approve.querySelector("span").textContent = result.first_of_two ? approve.dataset.two : approve.dataset.one;
}

// What keeps the text from being looked at; what was typed is kept in this browser meanwhile.
function showUnchecked(form, why) {
  const line = form.querySelector("[data-unchecked]");
  line.hidden = why === "";
  if (line.textContent !== why) line.textContent = why;
}

async function ask(form, text) {
  try {
    return await fetch(form.dataset.check, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify({ text }),
    });
  } catch {
    return null; // no connection
  }
}

function whyUnchecked(answer) {
  if (answer === null) return "No connection: this text is not checked. What you typed is kept in this browser.";
  if (answer.status === 401) return "Your session has ended: sign in in another tab. What you typed is kept in this browser.";
  return "";
}

async function check(form, text) {
  const asked = text.value;
  const answer = await ask(form, asked);
  showUnchecked(form, whyUnchecked(answer));
  if (!answer?.ok) {
    form.dispatchEvent(new Event("checked"));
    return;
  }
  const result = await answer.json();
  if (text.value !== asked) return; // typed on meanwhile: the next check tells
  form.querySelector("[data-findings]").replaceChildren(...result.findings.map((found) => finding(form, found)));
  showOverruling(form, result.findings);
  showDepth(form, text, result);
  const view = form.querySelector("[data-odd]");
  view.hidden = result.odd.length === 0;
  view.querySelector("[data-odd-text]").replaceChildren(...result.odd.map(odd));
  const length = form.querySelector("[data-length]");
  length.textContent = result.limit ? `${result.length} of ${result.limit}` : String(result.length);
  length.classList.toggle("over-limit", result.limit > 0 && result.length > result.limit);
  form.dispatchEvent(new Event("checked"));
}

export function startEditor() {
  const form = document.querySelector("form[data-check]");
  if (!form) return;
  const text = form.querySelector("[data-editor]");
  let waiting = 0;
  let sent = false;
  startMending(form, text);
  startKeeping(form, text);
  check(form, text);
  text.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => check(form, text), WAIT_MS);
  });
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault(); // a second press of an impatient finger
    sent = true;
  });
  addEventListener("pageshow", () => { sent = false; });
  addEventListener("beforeunload", (event) => {
    if (!sent && isUnsaved(text)) event.preventDefault();
  });
}
