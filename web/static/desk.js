// The modules of the desk. Every page works without them; they make it quicker.
import { startTimes } from "./times.js";
import { startKeys } from "./keys.js";
import { startLive } from "./live.js";
import { startEditor } from "./editor.js";
import { startCopy } from "./copy.js";
import { startPreview } from "./preview.js";
import { startRefused } from "./refused.js";

startTimes();
startKeys();
startLive();
startEditor();
startCopy();
startPreview();
startRefused();

// one open menu at a time; a click elsewhere closes it
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// the answer stands at the bottom of the pane: what it answers is brought into sight above it
const answered = document.querySelector("[data-answered]");
const pane = answered?.closest(".thread-pane");
if (pane && pane.scrollHeight > pane.clientHeight && !location.hash) {
  const room = document.querySelector(".answer").getBoundingClientRect().top;
  pane.scrollTop += Math.max(0, answered.getBoundingClientRect().bottom - room + 12);
}
