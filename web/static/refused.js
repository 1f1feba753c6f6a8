// A form that was refused loses nothing: what was typed waits in this tab while the error is read, and stands in its form
// again, with the reason above it, when the page is opened once more. The reply has its own way (keeping.js).
const KEY = "earshot-refused";
const TYPED = "textarea, select, input:not([type=hidden], [type=password], [type=file], [type=submit])";

function path(form) {
  return new URL(form.getAttribute("action") || "", location.href).pathname;
}

function fields(form) {
  return [...form.elements].filter((field) => field.name && field.matches(TYPED));
}

function remember(event) {
  const form = event.target;
  sessionStorage.removeItem(KEY);
  if (form.method !== "post" || form.querySelector("[data-kept]") || fields(form).length === 0) return;
  const typed = fields(form).map((field) => [field.name, field.value, Boolean(field.checked)]);
  sessionStorage.setItem(KEY, JSON.stringify({ page: location.pathname, form: path(form), typed }));
}

function fill(form, typed) {
  const left = [...typed];
  for (const field of fields(form)) {
    const at = left.findIndex(([name, value]) => name === field.name && (field.type !== "radio" || value === field.value));
    if (at < 0) continue;
    const [[, value, isChecked]] = left.splice(at, 1);
    if (field.type === "checkbox" || field.type === "radio") field.checked = isChecked;
    else field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function show(form, why) {
  for (let around = form.parentElement; around; around = around.parentElement) {
    if (around instanceof HTMLDetailsElement) around.open = true;
  }
  const line = document.createElement("p");
  line.className = "note-line warn";
  line.setAttribute("role", "alert");
  line.append(why);
  form.prepend(line);
  line.scrollIntoView({ block: "center" });
  fields(form)[0].focus({ preventScroll: true });
}

// on a page of the desk: what was refused here stands in its form again
export function startRefused() {
  document.addEventListener("submit", remember);
  const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  if (kept === null || (kept.why && kept.page !== location.pathname)) return;
  sessionStorage.removeItem(KEY);
  const form = kept.why && [...document.forms].find((each) => each.method === "post" && path(each) === kept.form);
  if (!form) return;
  fill(form, kept.typed);
  show(form, kept.why);
}

// on the page of the error: why, and the way back
const error = document.querySelector("[data-refused]");
const sent = error && JSON.parse(sessionStorage.getItem(KEY) ?? "null");
if (sent && sent.form === error.dataset.refused) {
  sessionStorage.setItem(KEY, JSON.stringify({ ...sent, why: error.textContent }));
  document.querySelector("[data-typed]").hidden = false;
}
