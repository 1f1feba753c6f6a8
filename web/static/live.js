// Hints from the server: the list never moves under the cursor, a bar offers what is new.
import { isUnsaved } from "./editor.js";

let leaving = false; // a reload now would cancel the way to another page

function bar(count) {
  const news = document.getElementById("news");
  if (!news || count === 0) return;
  news.querySelector("b").textContent = String(count);
  news.hidden = false;
}

async function changed(pane) {
  const asked = fetch(`/cases/${pane.dataset.case}`, { headers: { accept: "application/json" } });
  const answer = await asked.catch(() => null); // the page was left, or there is no connection
  if (!answer?.ok) return false;
  const now = await answer.json();
  const reply = now.reply ?? { id: "", version: "" };
  return (
    String(now.version) !== pane.dataset.version ||
    String(reply.id) !== pane.dataset.reply ||
    String(reply.version) !== pane.dataset.replyVersion
  );
}

async function onCase(pane) {
  if (!(await changed(pane))) return;
  const typing = document.querySelector("[data-editor]");
  const touched = typing && isUnsaved(typing);
  const busy = leaving || touched || document.querySelector("details.menu[open]");
  if (pane.hasAttribute("data-follow") && !busy) {
    location.reload();
    return;
  }
  document.getElementById("changed").hidden = false;
}

function onStrip(counts) {
  for (const element of document.querySelectorAll("[data-strip]")) {
    const count = counts[element.dataset.strip];
    element.hidden = count === 0;
    element.querySelector("b").textContent = String(count);
  }
}

export function startLive() {
  if (!("EventSource" in window)) return;
  const stream = new EventSource("/live");
  const pane = document.querySelector("[data-case]");
  const newest = BigInt(document.getElementById("news")?.dataset.newest ?? 0);
  const fresh = new Set();
  let asking = 0;
  let wasOpen = false;
  // nothing tells what happened before the stream was open, or while it was lost
  stream.addEventListener("open", () => {
    if (pane && (wasOpen || pane.hasAttribute("data-follow"))) onCase(pane);
    wasOpen = true;
  });
  stream.addEventListener("hint", (event) => {
    const hint = JSON.parse(event.data);
    if (hint.noun === "case" && hint.new && BigInt(hint.id) > newest) {
      fresh.add(hint.id);
      bar(fresh.size);
    }
    if (pane && hint.case === pane.dataset.case) {
      clearTimeout(asking);
      asking = setTimeout(() => onCase(pane), 150);
    }
  });
  stream.addEventListener("strip", (event) => onStrip(JSON.parse(event.data)));
  addEventListener("beforeunload", () => {
    leaving = true;
  });
  addEventListener("pagehide", () => stream.close());
}
