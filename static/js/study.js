// The study page by keyboard: space or enter shows the answer, 1 to 4 grade it, u takes the last one back, b and s put
// the word aside.
const PRESSED = { u: ".undo button", b: "button[value='bury']", s: "button[value='suspend']" };
const TYPING = "input, textarea, select, [contenteditable]";

function reveal(details) {
  details.open = true;
  details.querySelector("button[value='3']").focus();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches(TYPING)) return;
  if (PRESSED[event.key]) {
    document.querySelector(`#card ${PRESSED[event.key]}`)?.click();
    return;
  }
  const details = document.querySelector("#card .reveal");
  if (!details) return;
  if (!details.open) {
    if (event.key !== " " && (event.key !== "Enter" || event.target.closest("a, button"))) return;
    event.preventDefault();
    reveal(details);
  } else if (["1", "2", "3", "4"].includes(event.key)) {
    event.preventDefault();
    details.querySelector(`button[value="${event.key}"]`).click();
  }
});

// By mouse or touch the browser opens the answer itself; "Good" gets the focus all the same.
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("#card .reveal") && event.target.open) reveal(event.target);
}, true);

// The next card has come: a reader of the screen starts at its top.
document.addEventListener("htmx:afterSwap", () => {
  document.querySelector("#card .reveal > summary, #card [autofocus]")?.focus();
});

// The answer did not reach the server: nothing is lost, the same button may be pressed again.
for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(failure, () => {
    document.querySelector("#trouble").hidden = false;
  });
}
document.addEventListener("htmx:beforeRequest", () => {
  document.querySelector("#trouble").hidden = true;
});

// Something else than a card has come, as the log-in page does when the session has run out: show that page.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.xhr.responseText.includes('id="card"')) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});
