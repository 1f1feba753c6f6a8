// The draft: live checks of the reply contract, length, characters that deceive. The server decides; this only shows.
const WAIT_MS = 350;

function finding(found) {
  const item = document.createElement("li");
  item.className = found.blocking ? "blocking" : "hint";
  const title = document.createElement("b");
  title.textContent = found.blocking ? "Stops approval: " : "Mind: ";
  item.append(title, found.advice);
  if (found.words) {
    const quote = document.createElement("q");
    quote.dir = "auto";
    quote.textContent = found.words;
    item.append(" ", quote);
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

async function check(form, text) {
  const answer = await fetch(form.dataset.check, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify({ text: text.value }),
  });
  if (!answer.ok) return;
  const result = await answer.json();
  form.querySelector("[data-findings]").replaceChildren(...result.findings.map(finding));
  const view = form.querySelector("[data-odd]");
  view.hidden = result.odd.length === 0;
  view.querySelector("[data-odd-text]").replaceChildren(...result.odd.map(odd));
  const length = form.querySelector("[data-length]");
  length.textContent = result.limit ? `${result.length} of ${result.limit}` : String(result.length);
  length.classList.toggle("over-limit", result.limit > 0 && result.length > result.limit);
}

export function startEditor() {
  const form = document.querySelector("form[data-check]");
  if (!form) return;
  const text = form.querySelector("[data-editor]");
  let waiting = 0;
  let sent = false;
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
    if (!sent && text.value !== text.defaultValue) event.preventDefault();
  });
}
