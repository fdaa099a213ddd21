// Colours for code. What knows the languages is fetched when the first such code stands there.
const MOST_CHARACTERS = 50_000; // beyond that, colours cost more than they tell

let loading;

function highlighter() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("highlight.js", import.meta.url);
    script.onload = () => resolve(window.hljs);
    script.onerror = reject;
    document.head.append(script);
  });
  return loading;
}

// The block at the end of an answer being written will be replaced: it waits.
const FINISHED = ".code:not(.coloured, .writing .block:last-child > .code)";

/** Colours the code blocks whose language is known, by the name in their bar. */
export async function colourCode() {
  for (const block of document.querySelectorAll(FINISHED)) {
    block.classList.add("coloured");
    const language = block.querySelector(".code-bar span")?.textContent;
    const code = block.querySelector("code");
    if (!language || language === "text" || code.textContent.length > MOST_CHARACTERS) continue;
    const hljs = await highlighter();
    if (!hljs.getLanguage(language)) continue;
    // Its output is its own spans around text that it has escaped.
    code.innerHTML = hljs.highlight(code.textContent, { language, ignoreIllegals: true }).value;
  }
}
