// What a topic's query matches among stored mentions, while it is typed.
const WAIT_MS = 400;

function text(tag, content) {
  const element = document.createElement(tag);
  element.textContent = content;
  return element;
}

function show(target, found) {
  if (found.wrong) {
    const wrong = text("p", found.wrong);
    wrong.className = "wrong";
    target.replaceChildren(wrong);
    return;
  }
  const list = document.createElement("ul");
  list.className = "plain";
  for (const example of found.examples) {
    const item = document.createElement("li");
    const words = text("bdi", example.text);
    words.dir = "auto";
    item.append(text("b", example.author), " ", words);
    list.append(item);
  }
  target.replaceChildren(text("p", `${found.matched} of the newest ${found.looked_at} stored mentions match.`), list);
}

export function startPreview() {
  const form = document.querySelector("form[data-preview]");
  if (!form) return;
  const target = document.querySelector("[data-preview-result]");
  let waiting = 0;
  form.elements.query.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const fields = Object.fromEntries(new FormData(form));
      if (!fields.query.trim()) return;
      fields.name ||= "preview";
      const answer = await fetch(form.dataset.preview, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify(fields),
      });
      if (answer.ok) show(target, await answer.json());
    }, WAIT_MS);
  });
}
