// A form that was refused loses nothing: what was typed waits in this tab while the error is read, and stands in its form
// again, with the reason above it, when the page is opened once more. The reply has its own way (keeping.js), and what a
// browser is not to remember (autocomplete="off") is not kept here either.
const KEY = "earshot-refused";
const TYPED = "textarea, select, input:not([type=hidden], [type=password], [type=file], [type=submit])";
const CHANGED = "What is stored was changed meanwhile: look at it in another tab before you keep yours.";
const CHANGING = ["version", "seen", "then"];

function path(form) {
  return new URL(form.getAttribute("action") || "", location.href).pathname;
}

// which form of the page it is: several have one path, each with another brand or kind in hidden fields
function name(form) {
  const hidden = [...form.querySelectorAll("input[type=hidden]")].filter((field) => !CHANGING.includes(field.name));
  return JSON.stringify([path(form), ...hidden.map((field) => [field.name, field.value])]);
}

function fields(form) {
  return [...form.elements].filter((field) => field.name && field.matches(TYPED) && field.autocomplete !== "off");
}

function value(field) {
  return field.type === "checkbox" || field.type === "radio" ? field.checked : field.value;
}

function stored(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.defaultChecked;
  if (field instanceof HTMLSelectElement) {
    return ([...field.options].find((each) => each.defaultSelected) ?? field.options[0])?.value;
  }
  return field.defaultValue;
}

function called(wanted) {
  return [...document.forms].filter((form) => form.method === "post" && fields(form).length && name(form) === wanted);
}

function remember(event) {
  const form = event.target;
  sessionStorage.removeItem(KEY);
  if (form.method !== "post" || form.autocomplete === "off" || form.querySelector("[data-kept]")) return;
  const all = fields(form).map((field, at) => ({ at, name: field.name, value: value(field), was: stored(field) }));
  const typed = all.filter((field) => field.value !== field.was);
  if (typed.length === 0) return;
  const which = { name: name(form), number: called(name(form)).indexOf(form) };
  sessionStorage.setItem(KEY, JSON.stringify({ page: location.pathname, form: path(form), which, typed }));
}

// only what was typed: the rest stands as it is stored now. Returns whether a colleague changed one of these meanwhile
function fill(form, typed) {
  const all = fields(form);
  let isOther = false;
  for (const each of typed) {
    const field = all[each.at];
    if (field?.name !== each.name) continue;
    isOther ||= stored(field) !== each.was;
    if (typeof each.value === "boolean") field.checked = each.value;
    else field.value = each.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  return isOther;
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
  const form = kept.why && called(kept.which.name)[kept.which.number];
  if (!form) return;
  const isOther = fill(form, kept.typed);
  show(form, isOther ? `${kept.why} ${CHANGED}` : kept.why);
}

// on the page of the error: why, and the way back
const error = document.querySelector("[data-refused]");
const sent = error && JSON.parse(sessionStorage.getItem(KEY) ?? "null");
if (sent && sent.form === error.dataset.refused) {
  sessionStorage.setItem(KEY, JSON.stringify({ ...sent, why: error.textContent }));
  document.querySelector("[data-typed]").hidden = false;
}
