// Words to be added, while they are looked at: a choice fills the fields, the button counts what is ticked.
// On the page before, Ctrl and Enter send the text.
const paste = document.querySelector("form.paste");
const cards = document.getElementById("cards-to-be");
const COLUMNS = ["hanzi", "traditional", "pinyin", "english"];

paste?.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.isComposing) paste.requestSubmit();
});

// What the learner wrote stays; what still stands as the choice before had it follows the new one.
function choose(radio) {
  const word = radio.closest(".word");
  const was = word.querySelector("[name^=was-]");
  const radios = [...word.querySelectorAll(".readings [type=radio]")];
  const before = radios.find((each) => each.value === was.value);
  for (const name of COLUMNS) {
    const field = word.querySelector(`[name=${name}]`);
    if (!before || field.value === before.dataset[name]) field.value = radio.dataset[name];
  }
  was.value = radio.value;
}

function count() {
  const ticked = [...cards.querySelectorAll("[name=keep]:checked")].filter((box) => {
    const way = box.closest(".whole, .split");
    return !way || box.closest(".cut").querySelector("fieldset :checked").value === way.className;
  });
  const number = ticked.length;
  document.getElementById("count").textContent = `${number.toLocaleString("en")} ${number === 1 ? "word" : "words"}`;
}

if (cards) {
  cards.addEventListener("change", ({ target }) => {
    if (target.matches(".readings [type=radio]")) choose(target);
    count();
  });
  // Enter goes on to the next field, as on the keyboard of a phone; in English it is a new line.
  cards.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches(".word > input")) return;
    event.preventDefault();
    event.target.nextElementSibling.focus();
  });
  // What the browser has filled in again on the way back counts, too.
  window.addEventListener("pageshow", count);
}
