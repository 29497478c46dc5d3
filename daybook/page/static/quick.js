// What the pages do without it, quicker: forms are sent and answered in place, keys press the buttons of a
// draft, a long list is searched. It says nothing to anybody of what is typed before a form is sent.
const KEYS = "daybook-keys";

// A second press while the first is under way is the same press; without an answer nothing typed is lost.
async function send(form, button) {
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  const body = new URLSearchParams(new FormData(form));
  if (button?.name) body.append(button.name, button.value);
  const action = button?.hasAttribute("formaction") ? button.formAction : form.action;
  const draft = form.closest(".draft")?.id;
  try {
    const answer = await fetch(action, { method: "POST", body });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (form.matches(".fields") && ![200, 409, 422].includes(answer.status)) {
      page.querySelector(".written")?.remove();
      note(form, page.querySelector("main").textContent);
      return;
    }
    if (answer.redirected && answer.ok) sessionStorage.removeItem(place(form));
    if (!page.querySelector("script")) return void location.assign(answer.url);
    show(answer.url, page, draft);
  } catch {
    note(form, document.querySelector("[data-lost]").dataset.lost);
  } finally {
    form.ariaBusy = null;
  }
}

function note(form, text) {
  const said = form.querySelector(":scope > .note") ?? form.appendChild(document.createElement("p"));
  said.className = "note";
  said.role = "alert";
  said.textContent = text;
}

function show(url, page, draft) {
  const here = new URL(url).pathname === location.pathname;
  history[here ? "replaceState" : "pushState"](null, "", url);
  const top = here ? scrollY : 0;
  document.title = page.title;
  document.body.replaceWith(page.body);
  begin();
  scrollTo({ top, behavior: "instant" });
  const wrong = document.querySelector("main [role=alert]:not([hidden])");
  focusOn(wrong ?? following(draft) ?? document.querySelector("main [role=status]"), !wrong);
}

function focusOn(element, stay) {
  if (!element) return;
  if (!element.matches("a, button, input, select, textarea, summary")) element.tabIndex = -1;
  element.focus({ preventScroll: stay });
}

// Where a keyboard goes on after a draft was answered: at the next one that waits.
function following(name) {
  const drafts = [...document.querySelectorAll(".draft")];
  const at = drafts.findIndex((one) => one.id === name);
  return at < 0 ? null : drafts.slice(at).find((one) => one.matches(".ready, .incomplete"));
}

function pressed(event) {
  if (localStorage.getItem(KEYS) === "off") return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") return save(event.target.closest("form.fields"));
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  const drafts = [...document.querySelectorAll(".draft")];
  const current = document.activeElement.closest?.(".draft");
  if (event.key === "j" || event.key === "k") {
    const next = drafts[drafts.indexOf(current) + (event.key === "j" ? 1 : -1)];
    focusOn(next ?? current ?? drafts[0], false);
  } else {
    const named = `[data-key="${CSS.escape(event.key)}"]`;
    const target = current?.querySelector(named) ?? document.querySelector(`:not(.draft *)${named}`);
    if (!target) return;
    if (target.matches(".all button")) target.focus();
    else target.click();
  }
  event.preventDefault();
}

function save(form) {
  form?.requestSubmit(form.querySelector("button"));
}

function search(select) {
  const options = [...select.options];
  if (options.length < 9) return;
  const input = document.createElement("input"), list = document.createElement("datalist");
  list.id = `find-${select.name}`;
  list.append(...options.filter((one) => one.value).map((one) => new Option(one.text)));
  input.setAttribute("list", list.id);
  input.autocomplete = "off";
  input.value = select.value ? select.selectedOptions[0].text : "";
  input.placeholder = options[0].value ? "" : options[0].text;
  input.addEventListener("input", () => {
    const typed = input.value.trim().toLowerCase();
    const found = options.filter((one) => typed && one.text.toLowerCase().includes(typed));
    const hit = found.length === 1 ? found[0] : found.find((one) => one.text.toLowerCase() === typed);
    const none = !typed && options.find((one) => !one.value);
    input.setCustomValidity(hit || none ? "" : select.dataset.find);
    if (hit || none) select.value = (hit ?? none).value;
  });
  select.hidden = true;
  select.before(input, list);
}

// What was typed into a form and not yet saved stays in this tab, for the same state of the same draft of the
// same person: whoever else signs in here finds nothing of it.
function place(form) {
  return `typed ${form.action.split("/").pop()}${location.search}`;
}

function remember(form) {
  const about = ["on", "draft", "revision"].map((name) => form.elements.namedItem(name)?.value);
  const state = [form.action, form.dataset.day, ...about].join(" ");
  const fields = [...form.elements].filter((one) => one.name && one.type !== "hidden" && one.type !== "submit");
  const kept = JSON.parse(sessionStorage.getItem(place(form)) ?? "null");
  if (kept?.state === state) for (const one of fields) if (called(one) in kept.said) set(one, kept.said[called(one)]);
  form.addEventListener("input", () => {
    const said = Object.fromEntries(fields.map((one) => [called(one), one.type === "checkbox" ? one.checked : one.value]));
    sessionStorage.setItem(place(form), JSON.stringify({ whose: whose(), state, said }));
  });
}

function whose() {
  return document.querySelector("main").dataset.whose;
}

function forgetOthers() {
  const typed = Object.keys(sessionStorage).filter((one) => one.startsWith("typed "));
  for (const one of typed) if (JSON.parse(sessionStorage.getItem(one)).whose !== whose()) sessionStorage.removeItem(one);
}

// Boxes of one question share its name.
function called(field) {
  return field.type === "checkbox" ? `${field.name} ${field.value}` : field.name;
}

function set(field, value) {
  if (field.type === "checkbox") field.checked = value;
  else field.value = value;
}

function begin() {
  forgetOthers();
  document.querySelectorAll("form.fields").forEach(remember);
  document.querySelectorAll("select[data-find]").forEach(search);
  const keys = document.getElementById("keys");
  if (!keys) return;
  keys.hidden = false;
  const used = keys.querySelector("input");
  used.checked = localStorage.getItem(KEYS) !== "off";
  used.addEventListener("change", () => localStorage.setItem(KEYS, used.checked ? "on" : "off"));
}

document.addEventListener("submit", (event) => {
  if (!event.target.closest("main")) return;
  event.preventDefault();
  send(event.target, event.submitter);
});
document.addEventListener("keydown", pressed);
addEventListener("popstate", () => location.reload());
begin();
