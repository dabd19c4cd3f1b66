// The list of cards: choosing many, and editing one in its row. Without this the page works by its forms.
const many = document.getElementById("many");
const boxes = () => [...document.querySelectorAll(".browse tbody .pick input")];
let last = null; // the box that was set last, from which Shift goes on

function show() {
  const chosen = boxes().filter((box) => box.checked).length;
  const every = many.elements.every?.checked;
  many.classList.toggle("idle", !chosen && !every);
  const cards = `${chosen} card${chosen === 1 ? "" : "s"} chosen.`;
  document.getElementById("chosen").value = every ? "All cards are chosen, on the other pages, too." : cards;
}

// With Shift, set all from the last one to this one alike.
function reach(box, shift) {
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((one, other) => one - other);
  if (shift && from >= 0) for (const each of all.slice(from, to + 1)) each.checked = box.checked;
  last = box;
  show();
}

if (many) {
  many.classList.add("scripted");
  // On a phone it would cover the list; one line of it opens the rest.
  if (matchMedia("(max-width: 40rem)").matches) many.querySelector("details").open = false;
  // It stands below the list, where it sticks to the window's edge.
  document.querySelector(".browse").after(many);
  document.querySelector(".browse").addEventListener("click", (event) => {
    if (event.target.matches("tbody .pick input")) reach(event.target, event.shiftKey);
  });
  // A press with Shift would mark text.
  document.querySelector(".browse").addEventListener("mousedown", (event) => {
    if (event.shiftKey && event.target.closest(".pick")) event.preventDefault();
  });
  const all = document.createElement("input");
  Object.assign(all, { type: "checkbox", id: "choose-page" });
  const label = document.createElement("label");
  label.append(all, Object.assign(document.createElement("span"), {
    className: "visually-hidden", textContent: "Choose every card on this page",
  }));
  const head = document.querySelector(".browse thead td");
  head.classList.add("pick");
  head.append(label);
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    last = null;
    show();
  });
  many.addEventListener("change", show);
  // The browser may have kept what was chosen when the page is come back to.
  addEventListener("pageshow", show);
  show();
}

// What the server refuses comes with the form that says why.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if ([400, 409].includes(detail.xhr.status) && detail.target.matches("tr")) detail.shouldSwap = true;
});

// The row that comes in is where one goes on: its form's first field or what is wrong, or the way to its form.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const row = document.getElementById(detail.target.id);
  row?.querySelector(".error-summary, .card-form input:not([type=hidden]), .edit a")?.focus();
});

document.addEventListener("said", ({ detail }) => {
  document.getElementById("said").textContent = detail.value;
});

// Escape leaves the form as its link does.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") event.target.closest?.(".editing")?.querySelector(".cancel").click();
});
