// How the study page is worked: by keys, by taps and by swipes. Keys do nothing while the learner types or composes.
const TYPING = "input, textarea, select, [contenteditable]";
const SWIPE = 60; // pixels that a finger goes for a grade
const GRADES = { left: 1, right: 3 }; // up and down scroll a long answer

export function listen(section, acts) {
  keys(section, acts);
  touches(section, acts);
}

function keys(section, { reveal, grade, undo, putAside, choose, play }) {
  const held = new Set();
  const help = document.getElementById("help");
  const does = {
    u: undo,
    b: () => putAside("bury"),
    s: () => putAside("suspend"),
    p: play,
    e: () => {
      section.querySelector(".more").open = true;
      document.getElementById("note-text").focus();
    },
    "?": () => help.showModal(),
  };
  document.getElementById("help-button").addEventListener("click", does["?"]);

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches(TYPING) || document.querySelector("dialog[open]")) return;
    if (event.repeat) {
      // A key held down is one press: it neither grades the card that it revealed nor those that follow.
      if ([" ", "Enter"].includes(event.key)) event.preventDefault();
      return;
    }
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const details = section.querySelector(".reveal");
    if (!details) return;
    if (does[key]) {
      event.preventDefault();
      does[key]();
    } else if (["1", "2", "3", "4"].includes(key)) {
      event.preventDefault();
      const choice = section.querySelectorAll(".choices button")[Number(key) - 1];
      if (details.open) grade(Number(key));
      else if (choice) choose(choice);
    } else if (!details.open && (key === " " || key === "Enter")) {
      // Enter on a link or a button is its own, but for the one that shows the answer.
      if (event.target.closest("a, button, .more summary")) return;
      event.preventDefault();
      held.add(event.key);
      reveal();
    }
  });

  // The button that has got the focus meanwhile must not take the end of the press for one of its own.
  document.addEventListener("keyup", (event) => {
    if (held.delete(event.key)) event.preventDefault();
  });

  section.addEventListener("keydown", ({ key, target, isComposing }) => {
    const more = target.closest(".more");
    if (key !== "Escape" || isComposing || !more) return;
    more.open = false;
    more.querySelector("summary").focus();
  });
}

function touches(section, { reveal, grade }) {
  let from = null;

  section.addEventListener("pointerdown", (event) => {
    const card = event.target.closest(".flashcard");
    const own = event.target.closest("a, button, input, textarea, select, summary, .writing, .more");
    from = card && !own && event.isPrimary && event.pointerType !== "mouse" ? { x: event.clientX, y: event.clientY, card } : null;
  });

  section.addEventListener("pointermove", (event) => {
    if (!from || !from.card.querySelector(".reveal[open]")) return;
    const way = wayOf(event.clientX - from.x, event.clientY - from.y);
    from.card.dataset.swipe = way ? GRADES[way] : "";
  });

  section.addEventListener("pointerup", (event) => {
    if (!from) return;
    const [across, down] = [event.clientX - from.x, event.clientY - from.y];
    const open = from.card.querySelector(".reveal[open]");
    const way = wayOf(across, down);
    delete from.card.dataset.swipe;
    from = null;
    if (open && way) grade(GRADES[way]);
    else if (!open && Math.hypot(across, down) < 10 && !section.querySelector(".typed, .choices, .writing")) reveal();
  });

  section.addEventListener("pointercancel", () => {
    if (from) delete from.card.dataset.swipe;
    from = null;
  });
}

// Return where a finger went: "left" or "right", or null if not far enough or not straight.
function wayOf(across, down) {
  if (Math.abs(across) < SWIPE || Math.abs(across) < 1.5 * Math.abs(down)) return null;
  return across < 0 ? "left" : "right";
}
