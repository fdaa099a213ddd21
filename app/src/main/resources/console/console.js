// What every page does: keyboard, drawer, theme, dialogs, copying, and telling of errors.

const $ = (selector, root = document) => root.querySelector(selector);

export function toast(text) {
  const note = document.createElement("div");
  note.className = "toast";
  note.textContent = text;
  $("#toasts").append(note);
  setTimeout(() => note.remove(), 6000);
}

/** Tells a screen reader, and nobody else. */
export function announce(text) {
  $("#announce").textContent = text;
}

// Theme: system, light, dark, in turn.
const THEMES = ["system", "light", "dark"];

function theme() {
  return document.documentElement.dataset.theme ?? "system";
}

function showTheme() {
  for (const label of document.querySelectorAll("[data-theme-label]")) label.textContent = `Theme: ${theme()}`;
}

function nextTheme() {
  const next = THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length];
  if (next === "system") {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem("otium-theme");
  } else {
    document.documentElement.dataset.theme = next;
    localStorage.setItem("otium-theme", next);
  }
  showTheme();
  announce(`Theme: ${next}`);
  document.dispatchEvent(new CustomEvent("otium:theme"));
}

// Drawer, on narrow screens.
function toggleDrawer() {
  const open = document.body.classList.toggle("drawer-open");
  if (open) $("#search").focus();
}

// Copying: a code block, a message, or what data-copy-text points at.
async function copy(button) {
  const kind = button.dataset.copy;
  const text =
    kind === "code"
      ? button.closest(".code").querySelector("code").textContent
      : kind === "message"
        ? button.closest(".turn").querySelector(".raw").value
        : $(kind).textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(text); // pages over plain http from another machine have no clipboard
  }
  const label = button.querySelector("svg") ? null : button.textContent;
  button.dataset.copied = "";
  if (label !== null) button.textContent = "Copied";
  announce("Copied");
  setTimeout(() => {
    delete button.dataset.copied;
    if (label !== null) button.textContent = label;
  }, 1500);
}

function copyBySelection(text) {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr-only";
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

// Dialogs.
function ask(dialog, onOk) {
  dialog.returnValue = "";
  dialog.showModal();
  dialog.addEventListener("close", () => dialog.returnValue === "ok" && onOk(), { once: true });
}

function current() {
  return $("#main")?.dataset.conversation ?? "";
}

function rename(id) {
  const dialog = $("#rename");
  const link = $(`.conversations a[href="/chat/${id}"]`);
  const input = $("input", dialog);
  input.value = link.textContent;
  ask(dialog, () => {
    const title = input.value.trim();
    if (!title) return;
    htmx.ajax("POST", `/chat/${id}/title`, {
      target: "#conversations",
      swap: "outerHTML",
      values: { title, current: current() },
    });
    if (id === current()) $("#main h1").textContent = title;
  });
  input.select();
}

function remove(id) {
  const link = $(`.conversations a[href="/chat/${id}"]`);
  confirmation("Delete the conversation?", `“${link.textContent}” cannot be brought back.`, "Delete", () =>
    htmx.ajax("DELETE", `/chat/${id}?current=${current()}`, { target: "#conversations", swap: "outerHTML" }),
  );
}

export function confirmation(title, text, word, onOk) {
  const dialog = $("#confirm");
  $("h2", dialog).textContent = title;
  $("[data-text]", dialog).textContent = text;
  $(".danger", dialog).textContent = word;
  ask(dialog, onOk);
}

// The conversation switcher: a list that the arrows move through while the field has the focus.
function openSwitcher() {
  const dialog = $("#switcher");
  if (dialog.open) return dialog.close();
  const input = $("input", dialog);
  input.value = "";
  dialog.showModal();
  htmx.trigger(input, "open");
}

function options() {
  return [...document.querySelectorAll("#switcher-list [role=option]")];
}

function select(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  option?.scrollIntoView({ block: "nearest" });
  $("#switcher input").setAttribute("aria-activedescendant", option?.id ?? "");
}

function moveSelection(by) {
  const all = options();
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  select(all[(at + by + all.length) % all.length]);
}

$("#switcher").addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    moveSelection(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter") {
    event.preventDefault();
    $("#switcher-list [aria-selected=true] a")?.click();
  }
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt.id === "switcher-list") select(options()[0]);
});

// Clicks.
const ACTIONS = {
  theme: nextTheme,
  drawer: toggleDrawer,
  help: () => $("#help").showModal(),
  dismiss: (button) => button.closest("dialog").close(),
  rename: (button) => rename(button.dataset.id),
  delete: (button) => remove(button.dataset.id),
};

document.addEventListener("click", (event) => {
  const copying = event.target.closest("[data-copy]");
  if (copying) return copy(copying);
  const button = event.target.closest("[data-action]");
  if (button) ACTIONS[button.dataset.action]?.(button);
  if (event.target instanceof HTMLDialogElement) event.target.close(); // on its backdrop
});

// Keys. Single letters only where nobody is typing.
let goingTo = 0;

function typing(target) {
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    return openSwitcher();
  }
  if (event.key === "Escape" && document.body.classList.contains("drawer-open")) {
    event.preventDefault();
    return toggleDrawer();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $("dialog[open]")) return;
  const key = event.key.toLowerCase();
  if (Date.now() < goingTo) {
    goingTo = 0;
    const link = $(`.pages a[data-key="${CSS.escape(key)}"]`);
    if (link) {
      event.preventDefault();
      return link.click();
    }
  }
  if (key === "?") {
    event.preventDefault();
    $("#help").showModal();
  } else if (key === "g") {
    goingTo = Date.now() + 1500;
  } else if (key === "t") {
    nextTheme();
  } else if (key === "n") {
    event.preventDefault();
    $(".new-chat").click();
  } else if (key === "/" && !$("#message")) {
    event.preventDefault();
    ($("#filter") ?? $("#search")).focus();
  }
});

// Tabs: the arrows move between them, as in every tab list.
function choose(tab) {
  for (const other of tab.parentElement.querySelectorAll("[role=tab]")) {
    other.setAttribute("aria-selected", String(other === tab));
    other.tabIndex = other === tab ? 0 : -1;
    document.getElementById(other.getAttribute("aria-controls")).hidden = other !== tab;
  }
  localStorage.setItem("otium-language", tab.id);
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab]");
  if (tab) choose(tab);
  const fill = event.target.closest("[data-fill]");
  if (fill) {
    $("#filter").value = fill.dataset.fill;
    $("#filter").focus();
  }
});

document.addEventListener("keydown", (event) => {
  const tab = event.target.closest?.("[role=tab]");
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!tab || !by) return;
  const all = [...tab.parentElement.children];
  const next = all[(all.indexOf(tab) + by + all.length) % all.length];
  choose(next);
  next.focus();
});

const language = document.getElementById(localStorage.getItem("otium-language") ?? "");
if (language) choose(language);

// Questions before something is deleted, in a dialog of our own.
document.addEventListener("htmx:confirm", (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  confirmation("Delete it?", event.detail.question, "Delete", () => event.detail.issueRequest(true));
});

// Errors are told, not swallowed.
document.addEventListener("htmx:responseError", (event) => {
  const text = event.detail.xhr.responseText.trim();
  toast(text && text.length < 400 && !text.startsWith("<") ? text : `The server refused this (${event.detail.xhr.status}).`);
});
document.addEventListener("htmx:sendError", () => toast("The server does not answer. Is it still running?"));

showTheme();
if (/Mac|iPhone|iPad/.test(navigator.platform)) {
  for (const key of document.querySelectorAll(".platform-k")) key.textContent = "⌘ K";
}
