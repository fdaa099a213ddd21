// The chat: streams answers into the thread, and what the keyboard does there.
import { colourCode } from "./code.js";
import { announce, toast } from "./console.js";

const $ = (selector, root = document) => root.querySelector(selector);
const streams = new Map();

// Following the answer: only while the reader is at the end.
let following = true;

function scroller() {
  return $("#scroll");
}

function follow() {
  if (following) scroller().scrollTop = scroller().scrollHeight;
}

document.addEventListener(
  "scroll",
  (event) => {
    if (event.target.id !== "scroll") return;
    const { scrollTop, scrollHeight, clientHeight } = event.target;
    following = scrollHeight - scrollTop - clientHeight < 48;
    $(".chat .bar").classList.toggle("scrolled", scrollTop > 4);
  },
  true,
);

// Streams. The HTML comes from the server, which lets nothing but its own tags through.
function attach(turn) {
  const id = turn.dataset.message;
  if (streams.has(id)) return;
  const source = new EventSource(turn.dataset.stream);
  streams.set(id, source);
  source.addEventListener("answer", (event) => {
    const { from, blocks, figures } = JSON.parse(event.data);
    const body = $(".body", turn);
    while (body.children.length > from) body.lastElementChild.remove();
    body.insertAdjacentHTML("beforeend", blocks.join(""));
    $(".figures", turn).innerHTML = figures;
    colourCode();
    follow();
  });
  source.addEventListener("done", (event) => {
    source.close();
    streams.delete(id);
    const focused = turn.contains(document.activeElement);
    turn.insertAdjacentHTML("afterend", JSON.parse(event.data).html);
    const finished = turn.nextElementSibling;
    turn.remove();
    htmx.process(finished);
    colourCode();
    if (focused) $("#message").focus();
    announce(finished.querySelector(".failure") ? "The answer failed" : "The answer is complete");
    follow();
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) toast("The connection to the server was lost.");
  });
}

function attachAll() {
  for (const [id, source] of streams) {
    if (!document.getElementById(`turn-${id}`)?.dataset.stream) {
      source.close();
      streams.delete(id);
    }
  }
  for (const turn of document.querySelectorAll(".turn[data-stream]")) attach(turn);
}

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt.closest?.(".conversations, #switcher")) return;
  attachAll();
  colourCode();
  if (event.detail.elt.matches(".editor")) return;
  if (event.detail.elt.id === "main") {
    $("#message").focus();
    showSettings(settingsShown());
  }
  following = true;
  follow();
});

document.addEventListener("htmx:afterSettle", () => {
  const editor = $(".editor:not([data-begun]) textarea");
  if (!editor) return;
  editor.form.dataset.begun = "";
  editor.focus();
  editor.setSelectionRange(editor.value.length, editor.value.length);
});

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "composer" && writing()) event.preventDefault();
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.id === "composer" && event.detail.successful) {
    $("#composer").reset();
    $("#message").focus();
  }
});

// Actions.
function writing() {
  return $(".turn.writing");
}

function stop() {
  const turn = writing();
  if (turn) htmx.ajax("POST", `/messages/${turn.dataset.message}/stop`, { swap: "none" });
}

function settingsShown() {
  return sessionStorage.getItem("otium-settings") === "open";
}

function showSettings(shown) {
  $("#settings").hidden = !shown;
  $("#main").classList.toggle("with-settings", shown);
  $(".bar [data-action=settings]").setAttribute("aria-expanded", String(shown));
  sessionStorage.setItem("otium-settings", shown ? "open" : "closed");
}

function toggleSettings() {
  const shown = $("#settings").hidden;
  showSettings(shown);
  if (shown) $("#settings textarea").focus();
  else $(".bar [data-action=settings]").focus();
}

// A method's options are shown while it is chosen.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-method]")) return;
  for (const part of event.target.closest(".method").querySelectorAll("[data-of]")) {
    part.hidden = part.dataset.of !== event.target.value;
  }
});

function last(selector) {
  const all = document.querySelectorAll(selector);
  return all[all.length - 1];
}

document.addEventListener("click", (event) => {
  const action = event.target.closest("[data-action]")?.dataset.action;
  if (action === "stop") stop();
  if (action === "settings") toggleSettings();
  const starter = event.target.closest("[data-starter]");
  if (starter) {
    $("#message").value = starter.textContent;
    $("#composer").requestSubmit();
  }
});

document.addEventListener("keydown", (event) => {
  if ($("dialog[open]") || event.isComposing) return;
  const { target, key } = event;
  const inEditor = target.closest?.(".editor");
  if (key === "Enter" && !event.shiftKey && (target.id === "message" || (inEditor && target.tagName === "TEXTAREA"))) {
    event.preventDefault();
    if (target.value.trim() && !(target.id === "message" && writing())) target.form.requestSubmit();
    return;
  }
  if (key === "Escape" && !event.defaultPrevented) {
    if (inEditor) $("[data-cancel]", inEditor).click();
    else if (writing()) stop();
    else if ($(".editor")) $(".editor [data-cancel]").click();
    else if (!$("#settings").hidden) toggleSettings();
    else target.blur?.();
    return;
  }
  const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (key === "/") {
    event.preventDefault();
    $("#message").focus();
  } else if (key === "e") {
    event.preventDefault();
    last(".turn.user [data-edit]")?.click();
  } else if (key === "r" && !writing()) {
    event.preventDefault();
    last(".turn.assistant [data-again]")?.click();
  } else if (key === "s") {
    event.preventDefault();
    toggleSettings();
  }
});

showSettings(settingsShown() && matchMedia("(min-width: 66rem)").matches);
attachAll();
colourCode();
follow();
