// The study page by keyboard: space or enter shows the answer, 1 to 4 grade it, u takes the last one back, b and s put
// the word aside.
const PRESSED = { u: ".undo button", b: "button[value='bury']", s: "button[value='suspend']" };
const TYPING = "input, textarea, select, [contenteditable]";

function reveal(details) {
  details.open = true;
  details.querySelector("button[value='3']").focus();
}

const held = new Set();

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches(TYPING)) return;
  if (event.repeat) {
    // A key held down is one press: it neither grades the card that it revealed nor those that follow.
    if ([" ", "Enter"].includes(event.key)) event.preventDefault();
    return;
  }
  if (PRESSED[event.key]) {
    document.querySelector(`#card ${PRESSED[event.key]}`)?.click();
    return;
  }
  const details = document.querySelector("#card .reveal");
  if (!details) return;
  if (!details.open) {
    if (event.key !== " " && (event.key !== "Enter" || event.target.closest("a, button"))) return;
    event.preventDefault();
    held.add(event.key);
    reveal(details);
  } else if (["1", "2", "3", "4"].includes(event.key)) {
    event.preventDefault();
    details.querySelector(`button[value="${event.key}"]`).click();
  }
});

// The button that has got the focus meanwhile must not take the end of the press for one of its own.
document.addEventListener("keyup", (event) => {
  if (held.delete(event.key)) event.preventDefault();
});

// By mouse or touch the browser opens the answer itself; "Good" gets the focus all the same.
document.addEventListener("toggle", (event) => {
  if (event.target.matches?.("#card .reveal") && event.target.open) reveal(event.target);
}, true);

// The next card has come: its button describes itself by the prompt, so a screen reader says the new word.
document.addEventListener("htmx:afterSwap", () => {
  document.querySelector("#card .reveal > summary, #card [autofocus]")?.focus();
});

// Nobody knows whether the answer has reached the server; it is recorded once, however often it is sent.
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
  const { status, responseText } = event.detail.xhr;
  if (status === 403 || (status < 400 && !responseText.includes('id="card"'))) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});
