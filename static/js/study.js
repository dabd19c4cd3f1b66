// The study page. It holds the next cards and grades them by itself: showing and grading never wait for the network.
// What was done is kept on the device, sent in the background (outbox.js), and replayed by the server, which decides in
// the end. Without this script the same page works by its forms.
import { gradeHanzi, gradePinyin } from "./answers.js";
import { listen } from "./input.js";
import { Outbox, uuid7 } from "./outbox.js";
import * as queue from "./queue.js";
import { preview } from "./scheduling.js";
import * as sound from "./sound.js";
import { openStore } from "./store.js";
import { drawnLine, intervalText, told, verdictList } from "./words.js";

const KEPT_UNDOS = 100;
const LONGEST_ANSWER = 60_000;
const FEW = 10; // cards left at which more are fetched
const STALE = 5 * 60_000; // away for longer, another device may have been at it
const SMALL_SKEW = 60_000;
const PATIENCE = 15_000; // for the server, where the page waits for what comes next
const LOOKING = "Looking for what comes next.";
const TAKES_OUT = ["suspend", "bury", "mark_known", "set_due", "reset"];
const RETRIED = ["tones_missing", "other_reading", "empty"];

const section = document.getElementById("card");
const feedback = document.getElementById("feedback");
const sync = document.getElementById("sync");
const trouble = document.getElementById("trouble");
const $ = (selector) => section.querySelector(selector);

let pack, state, shown, outbox, channel;
let undone = 0; // how many acts were taken back here
const heard = []; // words that were answered in other tabs
let stale = false; // the server may say otherwise than this page what comes next

// ---- Time: the server's, for a device whose clock is wrong

let skew = 0;
const now = () => Date.now() + skew;

// To be told only by what the server says at this moment.
function setClock(given) {
  const difference = given.made_at - Date.now();
  skew = Math.abs(difference) > SMALL_SKEW ? difference : 0;
}

// ---- What is kept

// What changes from answer to answer is kept apart from the cards, which are large.
function stateOf(given) {
  const { session, user, items, learning, counts, others, done, goal, filtered, made_at } = given;
  const cards = Object.fromEntries(
    Object.entries(given.cards).map(([key, { word, kind, schedule, memory, met, answered_at }]) => [
      key, { word, kind, schedule, memory, met, answered_at },
    ]),
  );
  return { session, user, items, learning, cards, counts, others, done, goal, filtered, made_at };
}

// Take the server's word for what comes next, and do again what it doesn't know of yet. The card that is shown stays.
async function takePack(given, askedAt = 0) {
  const messages = await outbox.messages();
  const taken = { ...stateOf(given), skew, last: state?.last ?? null, undos: state?.undos ?? [] };
  const caughtUp = queue.caughtUp(taken, taken.undos, given);
  let fresh = queue.withWaiting(caughtUp, messages, given);
  const more = fresh !== caughtUp;
  for (const { word, at } of heard) if (at > askedAt) fresh = queue.withoutWord(fresh, word);
  for (const key of [shown?.key, ...fresh.undos.map((each) => each.key)]) {
    if (!key || given.cards[key]) continue;
    given.cards[key] = pack.cards[key];
    fresh.cards[key] = state.cards[key];
  }
  [pack, state, stale] = [given, fresh, more];
  // Only now, since more may have been answered meanwhile, is it known which state is to be kept. A device that takes
  // nothing more can still study as long as the page is open.
  await (await openStore()).hold(pack, state).catch(() => {});
}

async function fetchPack() {
  const [askedAt, undoneBefore] = [performance.now(), undone];
  const undoing = (await outbox.messages()).some((message) => message.undo);
  try {
    const response = await fetch(section.dataset.pack, { credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });
    if (!response.ok || response.redirected) return false;
    const given = await response.json();
    setClock(given);
    if (undoing || undone !== undoneBefore) {
      stale = true; // it may still have what was taken back
      return false;
    }
    await takePack(given, askedAt);
    keepForOffline();
    showCounts();
    section.dataset.held = Object.keys(state.cards).length;
    return true;
  } catch {
    return false;
  }
}

// Find out where the learner is, and return whether the page shows it. It may be an old one that the service worker
// kept, or the answers on this device may not be sent yet.
async function resume() {
  const inline = JSON.parse(document.getElementById("pack").textContent);
  const store = await openStore();
  const [kept, keptPack] = [await store.get("states", inline.session), await store.get("packs", inline.session)];
  outbox = new Outbox(inline.user, document.querySelector("[name=csrfmiddlewaretoken]").value, {
    onChange: showSync, onRefused: tellRefused, onSent: () => setTimeout($(".retry") ? showNext : refreshIfStale),
  });
  const messages = await outbox.messages();
  const waiting = messages.some((message) => message.act?.session_id === inline.session || message.undo);
  const known = kept?.user === inline.user && keptPack;
  const isOld = "kept" in document.body.dataset || (known && inline.made_at <= kept.made_at);
  if (!isOld) setClock(inline);
  else if (known) skew = kept.skew ?? 0;
  if (known && (waiting || isOld)) {
    // What was done in this session it knows; more may have been done in others.
    const others = messages.filter((message) => message.act?.session_id !== inline.session);
    const fitting = queue.fitting({ ...kept, skew }, keptPack.cards);
    [pack, state, stale] = [keptPack, queue.withWaiting(fitting, others, keptPack), true];
  } else {
    await takePack(inline);
  }
  return !stale;
}

// Return the key of the card that the server has put into the page, if it is one that is held.
function keyInPage() {
  const { card, direction } = $(".flashcard .grades")?.elements ?? {};
  const key = card && `${card.value}:${direction.value}`;
  return pack.cards[key] ? key : null;
}

// ---- Showing

function showNext(focus = true) {
  const key = queue.reached(state, now()) ? null : queue.next(state, now());
  if (key === null) return showEnd();
  show(key, focus);
}

function show(key, focus = true) {
  shown?.writing?.destroy();
  hold(key);
  const article = markup(shown.card.html);
  ($(".flashcard") ?? $(".empty")).replaceWith(article);
  $(".finish").hidden = false;
  ready(article, focus);
  prepareNext();
}

function hold(key) {
  const { reps } = state.cards[key].schedule;
  shown = { key, card: pack.cards[key], reps, at: performance.now(), typed: "", suggested: null, open: false };
}

function markup(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.querySelector(".flashcard");
}

// The card is in the page: make it work.
function ready(article, focus) {
  const { card } = shown;
  // This is told late: by then the card may be graded, and another one in its place.
  article.querySelector(".reveal").addEventListener("toggle", ({ target }) => target.open && target.isConnected && reveal());
  sound.prepare(article);
  showCounts();
  $(".more").open = false;
  for (const each of section.querySelectorAll(".of-begun")) each.hidden = !card.begun;
  const edit = section.querySelector(".edit-card");
  edit.hidden = !card.own;
  edit.href = edit.href.replace(/[^/]+\/(?=\?)/, `${card.card}/`);
  const note = document.getElementById("note-text");
  note.value = card.note;
  showNote(card.note); // it may have been written since the card was fetched
  note.form.action = note.form.dataset.action.replace(/[^/]+\/$/, `${card.card}/`);
  if (card.direction === "listening") hear();
  if (card.characters) draw(article.querySelector(".writing"));
  if (focus) takeFocus();
}

// The focus goes to what comes next on the card: its field, the button that shows the answer, or the likely grade.
function takeFocus() {
  const grade = `.grades button[value="${shown.suggested ?? 3}"]`;
  $(shown.open ? grade : ".typed [name=typed], .reveal > summary").focus({ preventScroll: shown.open });
}

// The fonts of the card that comes next are fetched while this one is looked at.
function prepareNext() {
  const following = state.items.find((key) => key !== shown.key);
  const text = following && pack.cards[following].name;
  if (text) document.fonts.load(`1em "Noto Sans SC Variable"`, text).catch(() => {});
}

function showCounts() {
  const left = queue.counts(state, now());
  const line = $(".progress-line");
  if (!line) return;
  const kind = shown && state.cards[shown.key].kind;
  for (const each of ["new", "learning", "review"]) {
    const item = line.querySelector(`.${each}`);
    item.querySelector("b").textContent = left[each];
    item.classList.toggle("now", each === kind);
  }
  const bar = line.querySelector("progress");
  bar.max = state.goal.cards ?? Math.max(1, state.done + left.new + left.learning + left.review);
  bar.value = state.done;
  const undo = $(".undo");
  if (undo) undo.hidden = !state.undos.length && !undo.dataset.server;
}

// Nothing is left here. The server knows best: other words may be due by now, or it says how the session went.
async function showEnd() {
  shown?.writing?.destroy();
  shown = null;
  const late = setTimeout(() => shown || say(LOOKING), 1000);
  await Promise.race([outbox.flush(), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  const fetched = await fetchPack();
  clearTimeout(late);
  if (feedback.textContent === LOOKING) feedback.replaceChildren();
  if (shown) return; // something was taken back meanwhile
  if (fetched && !queue.reached(state, now()) && queue.next(state, now()) !== null) showNext();
  // Its page would ask again what it doesn't know of yet.
  else if (fetched && !(await outbox.messages()).length) location.reload();
  else showOfflineEnd();
}

function showOfflineEnd() {
  const end = document.getElementById("offline-end").content.firstElementChild.cloneNode(true);
  end.querySelector(".done-words").textContent = `You studied ${state.done} word${state.done === 1 ? "" : "s"} in this session.`;
  const next = queue.nextAt(state);
  if (next) {
    const clock = new Date(next - skew).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    end.querySelector(".next-word").textContent = `The next one comes at ${clock}.`;
    if (!queue.reached(state, next)) setTimeout(() => shown || showNext(), Math.max(1000, next - now()));
  }
  end.querySelector(".retry").addEventListener("click", () => showNext());
  ($(".flashcard") ?? $(".empty")).replaceWith(end);
  showCounts();
  end.querySelector("button").focus();
}

function say(text, kind = "info") {
  const message = document.createElement("p");
  message.className = `message ${kind}`;
  message.textContent = text;
  feedback.replaceChildren(message);
}

// For whoever doesn't see what the page shows.
function whisper(text) {
  say(text, "visually-hidden");
}

// ---- The answer

function reveal() {
  if (!shown || shown.open) return;
  shown.open = true;
  const details = $(".reveal");
  details.open = true;
  for (const form of section.querySelectorAll(".typed, .choices")) form.inert = true;
  const { schedule, memory } = state.cards[shown.key];
  const outcomes = preview(schedule, now(), pack.policy, memory, pack.load);
  for (const button of details.querySelectorAll(".grades button")) {
    const rating = Number(button.value);
    const small = button.querySelector("small");
    if (small) small.textContent = intervalText(outcomes[rating].interval_days);
    button.classList.toggle("suggested", rating === shown.suggested);
  }
  takeFocus();
  if (section.dataset.sound && shown.card.direction !== "listening") hear();
}

function hear() {
  if (shown?.card.speech && sound.canPlay(shown.card.speech)) return sound.play(shown.card.speech);
}

// What the program thinks of an answer: it suggests a grade, and the learner gives it.
function suggest(rating, typed, verdict) {
  shown.suggested = rating;
  shown.typed = typed;
  section.querySelector(".verdict, .verdict-line")?.remove();
  if (verdict) $(".reveal").before(verdict);
  reveal();
}

function checkTyped(form) {
  const { expected, exercise } = shown.card;
  const text = form.elements.typed.value;
  const verdict = exercise === "pinyin"
    ? gradePinyin(text, expected.pinyin, expected.others)
    : gradeHanzi(text, expected.hanzi);
  const note = form.querySelector(".verdict-note");
  if (RETRIED.includes(verdict.outcome) && (!text || shown.warned !== text)) {
    shown.warned = text;
    note.hidden = false;
    note.textContent = told(verdict.outcome);
    return;
  }
  note.hidden = true;
  whisper(verdict.outcome === "right" ? "Right." : "Not quite.");
  suggest(verdict.outcome === "right" ? 3 : 1, text, verdictList(verdict, exercise));
}

function choose(button) {
  if (shown.open) return;
  const right = button.value === shown.card.right;
  const list = button.closest(".choices");
  for (const each of list.querySelectorAll("button")) {
    const outcome = each.value === shown.card.right ? "right" : each === button ? "wrong" : "";
    if (outcome) {
      each.classList.add(outcome);
      each.append(Object.assign(document.createElement("small"), { textContent: outcome === "right" ? "✓ right" : "✗ your choice" }));
    }
  }
  suggest(right ? 3 : 1, button.firstChild.textContent.trim(), null);
  whisper(right ? "Right." : "Not that one.");
}

async function draw(container) {
  const { mount } = await import("./writing.js");
  if (!container.isConnected) return;
  const { key } = shown;
  shown.writing = mount(container, {
    characters: shown.card.characters,
    leniency: section.dataset.leniency,
    libraryUrl: section.dataset.hanziWriter,
    onDone: (result) => shown?.key === key && !shown.open && suggest(result.grade, "", drawnLine(result)),
  });
}

// ---- Acts

function took() {
  return Math.round(Math.min(performance.now() - shown.at, LONGEST_ANSWER));
}

function message(type, more = {}) {
  const at = now();
  const { card, direction } = shown.card;
  return {
    act: {
      id: uuid7(at), session_id: state.session, card_id: card, direction, interaction_type: type,
      answered_at: new Date(at).toISOString(), ...more,
    },
  };
}

function grade(rating) {
  if (!shown?.open) return;
  const byProgram = rating === shown.suggested ? { 1: "quiz_incorrect", 3: "quiz_correct" }[rating] : undefined;
  const sent = message(byProgram ?? "review", { rating, response_time: took(), typed: shown.typed });
  const at = Date.parse(sent.act.answered_at);
  const [after] = queue.graded(state, shown.key, rating, at, pack);
  act(sent, after, "");
}

function putAside(type, days) {
  if (!shown) return;
  stale ||= type === "reset" || type === "set_due"; // it may wait again today
  const done = { suspend: "Suspended", bury: "Buried until tomorrow", mark_known: "Known already" }[type] ?? "Done";
  act(message(type, days >= 0 ? { days } : {}), queue.without(state, shown.key), `${shown.card.name}: ${done.toLowerCase()}.`);
}

// Keep an act with the state that it leaves, and show what comes next in the same frame.
function act(sent, after, says) {
  const { id, rating, answered_at: time } = sent.act;
  const { key } = shown;
  const undos = [...state.undos, queue.noted(state, key, { id, rating, at: Date.parse(time) })].slice(-KEPT_UNDOS);
  state = { ...after, undos };
  outbox.add(sent, state);
  channel?.postMessage({ user: state.user, word: state.cards[key].word });
  if (says) say(says, "success");
  else feedback.replaceChildren();
  sound.stop();
  stale ||= state.items.length < FEW && pack.more;
  showNext();
}

function undo() {
  const before = state.undos.at(-1);
  if (!before) return undoOnServer();
  state = { ...queue.undone(state, before), undos: state.undos.slice(0, -1) };
  undone += 1;
  outbox.takeBack(before.id, state);
  say(`Taken back: ${pack.cards[before.key].name}.`, "success");
  show(before.key);
}

// What was done before this page was opened, the server takes back and shows.
async function undoOnServer() {
  const form = $(".undo");
  if (!form) return;
  try {
    await outbox.renew();
    await outbox.flush();
    if ((await outbox.messages()).length) throw new Error("What was done since is not sent.");
  } catch {
    say("To take back what was done earlier, you must be online and signed in.", "warning");
    return;
  }
  form.elements.csrfmiddlewaretoken.value = outbox.token;
  form.submit();
}

// ---- The server

const TROUBLES = {
  "signed-out": "You are signed out. Your answers are kept on this device: sign in again in another tab, and they are sent.",
  waiting: "The server can't be reached. Go on: your answers are kept on this device and sent later.",
  offline: "You are offline. Go on: your answers are kept on this device and sent later.",
  loose: "Your answers are not sent yet, and this device has no room to keep them: leave this page open.",
};
const SAYS = {
  saved: "Saved", sending: "Saving", waiting: "Kept on this device", offline: "Offline", "signed-out": "Signed out",
};

function showSync({ state: how, waiting, loose }) {
  sync.hidden = false;
  sync.dataset.state = how;
  sync.textContent = (loose && how !== "sending" ? "Not sent" : SAYS[how]) + (waiting && how !== "sending" ? `: ${waiting} to send` : "");
  const text = TROUBLES[how] && (loose ? TROUBLES.loose : TROUBLES[how]);
  if (text) {
    if (trouble.hidden || trouble.textContent !== text) trouble.textContent = text;
    trouble.hidden = false;
  } else if (how === "saved" && !trouble.hidden) {
    trouble.hidden = true;
    say("You are back online: all your answers are saved.", "success");
  }
}

function tellRefused(message, { detail, status_code: status }) {
  const why = typeof detail === "string" ? detail : Object.values(detail ?? {}).flat()[0];
  say(`One ${message.undo ? "undo" : "answer"} could not be kept: ${why ?? `error ${status}`}`, "warning");
  state = { ...state, undos: state.undos.filter((each) => each.id !== message.act?.id) };
  stale = true;
}

// Ask the server what comes next, where that may be something else than this page thinks.
let refreshing = false;
async function refresh() {
  if (refreshing) return;
  refreshing = true;
  if (await fetchPack()) await leaveIfDone();
  refreshing = false;
}

// Don't ask what the server knows to be done, if it isn't a card that was taken back just now.
async function leaveIfDone() {
  if ((await outbox.messages()).length || !shown || shown.open) return;
  if (queue.waits(state, shown.key) && state.cards[shown.key].schedule.reps === shown.reps) return;
  if (queue.next(state, now()) === shown.key) return; // nothing else waits
  say(`${shown.card.name} was answered elsewhere: that answer counts.`);
  showNext();
}

function refreshIfStale() {
  if (stale) refresh();
}

// Strokes and sounds of the cards on this device are fetched, so that the service worker has them, and this page, too.
async function keepForOffline() {
  if (!navigator.serviceWorker) return;
  const { active } = await navigator.serviceWorker.ready;
  const cards = Object.values(pack.cards);
  const addresses = cards.flatMap(({ characters, speech }) => [
    ...[...(characters ?? "")].map((each) => `/strokes/${each.codePointAt(0).toString(16)}.json`),
    ...(speech?.urls ?? []),
  ]);
  active.postMessage({ keep: [...new Set(addresses)], page: location.pathname });
  // Some megabytes of fonts are for those who have installed the site.
  if (matchMedia("(display-mode: standalone)").matches && !navigator.connection?.saveData) {
    document.fonts.load("1em 'Noto Sans SC Variable'", cards.map(({ name }) => name).join("")).catch(() => {});
  }
}

// ---- The page

async function saveNote(form) {
  if (!shown) return;
  const text = form.elements.text.value;
  const { action } = form; // of this card; the next one may be here before the answer is
  const { key, card } = shown;
  try {
    await outbox.renew();
    const body = new URLSearchParams({ text, csrfmiddlewaretoken: outbox.token });
    const response = await fetch(action, { method: "POST", body });
    // It leads back to the session, or to the log-in.
    if (!response.ok || new URL(response.url).pathname !== location.pathname) throw new Error(`answered ${response.status}`);
    for (const each of [card, pack.cards[key]]) if (each) each.note = text;
    if (shown?.key === key) {
      showNote(text);
      $(".more").open = false;
      takeFocus();
    }
    say("Your note is saved.", "success");
  } catch {
    const left = shown?.key === key ? "It is still in its field." : `It was: “${text}”.`;
    say(`Your note could not be saved: you must be online and signed in for that. ${left}`, "warning");
  }
}

function showNote(text) {
  $(".answer .notes.own")?.remove();
  if (!text) return;
  const note = Object.assign(document.createElement("p"), { className: "notes own", textContent: text });
  const about = $(".answer > .facts, .answer > .about");
  if (about) about.before(note);
  else $(".answer").append(note);
}

async function lookUp(link) {
  const dialog = document.getElementById("entry");
  const body = dialog.querySelector(".entry-body");
  try {
    const response = await fetch(link.href, { headers: { "HX-Request": "true" } });
    if (!response.ok && response.status !== 404) throw new Error(`answered ${response.status}`);
    body.innerHTML = await response.text();
  } catch {
    body.textContent = "The dictionary is on the server, which can't be reached now.";
  }
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

section.addEventListener("submit", (event) => {
  if (!section.dataset.ready) return; // until then they go to the server
  const { target: form, submitter } = event;
  if (form.matches(".typed")) checkTyped(form);
  else if (form.matches(".choices")) choose(submitter);
  else if (form.matches(".grades")) grade(Number(submitter.value));
  else if (form.matches(".undo")) undo();
  else if (form.matches(".note-form")) saveNote(form);
  else if (TAKES_OUT.includes(submitter?.value)) putAside(submitter.value, Number(form.elements.days?.value));
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("#card a.word, #entry a.entry-link");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  lookUp(link);
});

// Another tab of this learner answered a word: it is not asked here again.
function hearOthers() {
  if (!window.BroadcastChannel) return;
  channel = new BroadcastChannel("flashcards");
  channel.onmessage = ({ data }) => {
    if (data.user !== document.body.dataset.user) return;
    heard.push({ word: data.word, at: performance.now() }); // a pack that is on its way may not know it
    if (!state) return;
    state = queue.withoutWord(state, data.word);
    if (!shown || state.cards[shown.key].word !== data.word) return showCounts();
    say(`${shown.card.name} was answered in another tab: that answer counts.`);
    showNext();
  };
}

let leftAt = Date.now();
document.addEventListener("visibilitychange", () => {
  if (document.hidden) leftAt = Date.now();
  else if (Date.now() - leftAt > STALE) refresh();
});

async function begin() {
  hearOthers(); // first, so that nothing is missed
  const fresh = await resume();
  const undoForm = $(".undo");
  if (undoForm.elements.id.value) undoForm.dataset.server = "true";
  document.getElementById("help-button").hidden = false;
  listen(section, { reveal, grade, undo, putAside, choose, play: hear });
  const key = fresh && keyInPage();
  if (key) {
    hold(key);
    ready($(".flashcard"), document.activeElement === document.body);
    if ($(".reveal").open) reveal();
  } else {
    showNext(false);
  }
  section.dataset.ready = "true";
  await outbox.flush();
  stale = true;
  await refresh();
}

begin();
