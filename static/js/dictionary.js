// The entry of a word: how its characters are drawn, and writing them.
const practice = document.getElementById("practice");
const { characters, leniency, writing, library: libraryUrl } = practice.dataset;
const start = practice.querySelector("[data-practise]");
const trouble = practice.querySelector("[data-trouble]");
const result = practice.querySelector("[data-result]");
const GRADES = { 1: "Again", 2: "Hard", 3: "Good" };

const count = (number, noun, plural = `${noun}s`) => `${number} ${number === 1 ? noun : plural}`;

// Do what needs the module of writing, which few readers of an entry ask for.
async function withWriting(act) {
  trouble.textContent = "";
  try {
    await act(await import(writing));
  } catch {
    trouble.textContent = "The strokes could not be fetched. Try again when you are online.";
  }
}

// ---- How a character is drawn: in place of the letter, and again as often as one likes

for (const button of document.querySelectorAll("[data-draw]")) {
  const square = button.parentElement.querySelector(".square");
  let shown = null;
  button.hidden = false;
  button.addEventListener("click", () => withWriting(async ({ show }) => {
    if (!shown) {
      const letter = square.firstElementChild;
      shown = await show(square, { character: button.dataset.draw, libraryUrl });
      letter.hidden = true;
    }
    shown.play();
  }));
}

// ---- Writing the word

let exercise = null;

function says({ characters: written, undrawn, strokes, misses, grade }) {
  const parts = [];
  if (grade) {
    const each = written.map(({ character, misses, skipped, hints }) => {
      const said = [count(misses, "miss", "misses")];
      if (skipped) said.push(`${skipped} skipped`);
      if (hints) said.push(count(hints, "hint"));
      return `${character}: ${said.join(", ")}`;
    });
    const plain = written.every((one) => one.misses === 0 && one.hints === 0);
    parts.push(plain ? `All ${count(strokes, "stroke")} right.` : `${count(misses, "miss", "misses")} in ${count(strokes, "stroke")}.`);
    if (!plain) parts.push(`${each.join("; ")}.`);
    parts.push(`On a card that would be “${GRADES[grade]}”.`);
  }
  if (undrawn.length) parts.push(`There is no drawing of ${undrawn.join(", ")}.`);
  return parts.join(" ");
}

function done(written) {
  practice.dataset.grade = written.grade ?? "";
  result.textContent = says(written);
  start.textContent = "Write it again";
  start.hidden = false;
  start.focus({ preventScroll: true });
}

start.addEventListener("click", () => withWriting(({ mount }) => {
  exercise?.destroy();
  result.textContent = "";
  start.hidden = true;
  exercise = mount(practice.querySelector("[data-square]"), { characters, leniency, libraryUrl, onDone: done });
}));
practice.hidden = false;
