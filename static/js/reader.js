// The reader: a word's entry above the text, arrow keys from word to word, and joining the words that are selected.
const dialog = document.getElementById("entry");
const join = document.getElementById("join");
const text = () => document.querySelector("#sheet .text");
const words = () => [...text().querySelectorAll("a")];
const LONGEST = 20;
// Places are counted in characters as Python counts them, where a rare one is one, too.
const startOf = (word) => Number(word.id.slice(1));

// ---- A word's entry

async function ask(address) {
  const response = await fetch(address, { headers: { "HX-Request": "true" } });
  if (!response.ok && response.status !== 404) throw new Error(`answered ${response.status}`);
  return response;
}

async function lookUp(link) {
  const body = dialog.querySelector(".entry-body");
  try {
    const response = await ask(link.href);
    // Signed out meanwhile, or deleted: then the page itself says so.
    if (response.redirected || response.status === 404) return location.assign(link.href);
    body.innerHTML = await response.text();
  } catch {
    body.textContent = "The dictionary is on the server, which can't be reached now.";
  }
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

// Another word that an entry names: its entry, from the dictionary.
async function followEntry(link) {
  const body = dialog.querySelector(".entry-body");
  try {
    body.innerHTML = await (await ask(link.href)).text();
    dialog.scrollTop = 0;
  } catch {
    location.assign(link.href);
  }
}

// ---- How the text is shown: the sheet is swapped, the reader stays where they are

async function show(link) {
  try {
    const page = new DOMParser().parseFromString(await (await fetch(link.href)).text(), "text/html");
    const sheet = page.getElementById("sheet");
    if (!sheet) return location.assign(link.href);
    const { search } = new URL(link.href);
    sheet.querySelector(".ways").open = true;
    document.getElementById("sheet").replaceWith(sheet);
    rove();
    [...sheet.querySelectorAll("[data-way]")].find((each) => new URL(each.href).search === search)?.focus();
  } catch {
    location.assign(link.href);
  }
}

// ---- One stop for the whole text; arrow keys go from word to word, or to the line above or below

function rove() {
  const found = words();
  found.forEach((word, at) => { word.tabIndex = at ? -1 : 0; });
  const current = location.hash && found.find((word) => `#${word.id}` === location.hash);
  if (current) stopAt(current);
  const hint = document.querySelector("#sheet .keys-hint");
  hint.hidden = !found.length;
}

function stopAt(word) {
  for (const each of text().querySelectorAll('a[tabindex="0"]')) each.tabIndex = -1;
  word.tabIndex = 0;
}

// Return the word that stands nearest above (-1) or below (1) another one.
function beside(word, down) {
  const middle = ({ left, right }) => (left + right) / 2;
  const here = word.getClientRects()[0];
  const found = words();
  let line = null;
  let best = null;
  for (let at = found.indexOf(word) + down; found[at]; at += down) {
    const rect = found[at].getClientRects()[0];
    if (Math.abs(rect.bottom - here.bottom) < here.height / 2) continue;
    if (line !== null && Math.abs(rect.bottom - line) > here.height / 2) break;
    line = rect.bottom;
    const away = Math.abs(middle(rect) - middle(here));
    if (!best || away < best.away) best = { word: found[at], away };
  }
  return best?.word;
}

function move(event) {
  const word = event.target.closest?.("#sheet .text a");
  if (!word || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const found = words();
  const at = found.indexOf(word);
  const next = {
    ArrowRight: () => found[at + 1],
    ArrowLeft: () => found[at - 1],
    ArrowDown: () => beside(word, 1),
    ArrowUp: () => beside(word, -1),
    Home: () => found[0],
    End: () => found.at(-1),
  }[event.key];
  if (!next) return;
  event.preventDefault();
  const to = next();
  if (!to) return;
  stopAt(to);
  to.focus();
}

// ---- Joining what is selected

function offer() {
  const selection = document.getSelection();
  join.hidden = true;
  if (selection.isCollapsed || !text()?.contains(selection.anchorNode) || !text().contains(selection.focusNode)) return;
  const chosen = words().filter((word) => selection.containsNode(word, true));
  if (chosen.length < 2) return;
  const last = chosen.at(-1);
  const said = chosen.map(hanzi).join("");
  // Nothing but words may stand between them.
  const end = startOf(last) + [...hanzi(last)].length;
  if (end - startOf(chosen[0]) !== [...said].length || [...said].length > LONGEST) return;
  join.elements.bounds.value = `${startOf(chosen[0])} ${end}`;
  join.querySelector("button").textContent = `Make “${said}” one word`;
  join.hidden = false;
}

// Return a word without what stands over it.
function hanzi(word) {
  const ruby = word.querySelector("ruby");
  return ruby ? ruby.firstChild.data : word.textContent;
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const link = event.target.closest("#sheet .text a, a[data-word], a[data-way], #entry a.entry-link");
  if (!link) return;
  event.preventDefault();
  if (link.matches("[data-way]")) return show(link);
  if (link.matches(".entry-link")) return followEntry(link);
  if (link.matches("#sheet .text a")) stopAt(link);
  lookUp(link);
});
document.addEventListener("keydown", move);
document.addEventListener("selectionchange", offer);
rove();
