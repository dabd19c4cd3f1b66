// What a session asks next, as study/plan.py says in Python: words in learning when their minute comes, then the
// others in the order of the plan. Pure: no page, no clock. Times are milliseconds.
//
// A state is {items, learning, cards, counts: {new, review}, done, last}: items are keys of cards in order, learning
// pairs of a time and a key, cards an object of what is known of each card by its key. States are never changed: each
// function returns a new one.
import { answer as scheduled } from "./scheduling.js";

const LEARN_AHEAD = 20 * 60_000;
const AGAIN_AFTER = 10 * 60_000; // in a session of its own kind

const byTime = (cards) => ([due, key], [otherDue, other]) =>
  due - otherDue || (cards[key].word < cards[other].word ? -1 : 1);

// Return the key of the next card, or null; the word that was answered last comes later if that can be helped.
export function next(state, at) {
  const due = state.learning.filter(([time]) => time <= at).map(([, key]) => key);
  const asked = hasAllWords(state) ? due : [...due, ...state.items];
  const found = asked.some((key) => state.cards[key].word !== state.last)
    ? asked
    : [...asked, ...state.learning.filter(([time]) => time > at && time <= at + LEARN_AHEAD).map(([, key]) => key)];
  return found.find((key) => state.cards[key].word !== state.last) ?? found[0] ?? null;
}

// Whether a card is still to be asked.
export function waits(state, key) {
  return state.items.includes(key) || state.learning.some(([, each]) => each === key);
}

// Whether as many words were studied as the learner set out to.
export function hasAllWords(state) {
  return state.goal?.cards != null && state.done >= state.goal.cards;
}

// Whether the minutes that the learner set out to study are over.
function isLate(state, at) {
  return state.goal?.ends_at != null && at >= state.goal.ends_at;
}

// Whether the learner has done what they set out to do: nothing more is asked.
export function reached(state, at) {
  return isLate(state, at) || (hasAllWords(state) && next(state, at) === null);
}

// Return how many words wait: {new, learning, review}.
export function counts(state, at) {
  if (isLate(state, at)) return { new: 0, learning: 0, review: 0 };
  const ahead = state.filtered ? Infinity : at + LEARN_AHEAD;
  const learning = state.others + state.learning.filter(([time]) => time <= ahead).length;
  return hasAllWords(state) ? { new: 0, learning, review: 0 } : { ...state.counts, learning };
}

// Return when the next word in learning comes, or null.
export function nextAt(state) {
  return state.learning.length ? Math.min(...state.learning.map(([time]) => time)) : null;
}

// Return the state without a word, which is put aside or was done elsewhere.
export function without(state, key) {
  const waits = state.items.includes(key);
  const kind = state.cards[key].kind;
  const left = { ...state.counts };
  if (waits && kind in left) left[kind] = Math.max(0, left[kind] - 1);
  return {
    ...state,
    counts: left,
    others: state.others - Number(Boolean(state.filtered) && waits && kind === "learning"),
    items: state.items.filter((each) => each !== key),
    learning: state.learning.filter(([, each]) => each !== key),
    last: state.cards[key].word,
  };
}

// Return the state after a grade, and what the grade did: [state, outcome]. In a cram it does nothing to the memory.
export function graded(state, key, rating, at, { policy, load, day_ends: dayEnds, cramming }) {
  const card = state.cards[key];
  const outcome = scheduled(card.schedule, rating, at, policy, card.memory, load);
  const left = without(state, key);
  const memory = cramming ? {} : { schedule: outcome.card, kind: outcome.card.state === "review" ? "review" : "learning" };
  left.cards = { ...state.cards, [key]: { ...card, ...memory, met: true } };
  left.done = state.done + Number(!card.met);
  if (state.filtered) {
    if (rating === 1) left.learning = [...left.learning, [at + AGAIN_AFTER, key]];
  } else if (outcome.card.state !== "review" && outcome.due_at < dayEnds) {
    left.learning = [...left.learning, [outcome.due_at, key]].sort(byTime(left.cards));
  }
  return [left, outcome];
}

// Return what to keep of an act so that it can be undone, or done again on a newer state: what was before it.
export function noted(state, key, act) {
  const due = state.learning.find(([, each]) => each === key)?.[0] ?? null;
  return { ...act, key, due, card: state.cards[key], last: state.last };
}

// Return the state without an act that was noted, its word in front where it was not in learning.
export function undone(state, { key, due, card, last }) {
  const left = without(state, key);
  const back = { ...left, last, cards: { ...left.cards, [key]: card }, done: state.done };
  if (!card.met && state.cards[key].met) back.done -= 1;
  if (due !== null) return { ...back, learning: [...left.learning, [due, key]].sort(byTime(back.cards)) };
  const waits = Number(card.kind in left.counts);
  return {
    ...back,
    items: [key, ...left.items],
    counts: waits ? { ...left.counts, [card.kind]: left.counts[card.kind] + 1 } : left.counts,
    others: left.others + Number(Boolean(state.filtered) && card.kind === "learning"),
  };
}

// Return a state of the server's with acts done again that it doesn't know of yet, by their ids: those to a word that
// it has as it was before them.
export function caughtUp(state, acts, settings) {
  const known = new Set(settings.known);
  return acts.reduce((so, { id, key, card, rating, at }) => {
    const found = so.cards[key];
    if (known.has(id) || !found || found.schedule.reps !== card.schedule.reps) return so;
    return rating ? graded(so, key, rating, at, settings)[0] : without(so, key);
  }, state);
}

// Return the state with what was done elsewhere on this device and waits to be sent: it is not asked again. An answer
// whose acknowledgement was lost waits too, though the server has it, or a later one.
export function withWaiting(state, messages, settings) {
  const known = new Set([...(settings.known ?? []), ...state.undos.map(({ id }) => id), ...messages.map(({ undo }) => undo)]);
  return messages.reduce((so, { act }) => {
    const key = act && !known.has(act.id) && `${act.card_id}:${act.direction}`;
    if (!so.cards[key] || so.cards[key].answered_at >= Date.parse(act.answered_at)) return so;
    return act.rating ? graded(so, key, act.rating, Date.parse(act.answered_at), settings)[0] : without(so, key);
  }, state);
}

// Return the state without a word, whichever of its cards are here.
export function withoutWord(state, word) {
  const keys = Object.keys(state.cards).filter((key) => state.cards[key].word === word);
  return keys.reduce(without, state);
}

// Return a state with no more than the cards that are here: another tab may have kept it, or them.
export function fitting(state, cards) {
  const here = (key) => key in cards;
  return {
    ...state,
    items: state.items.filter(here),
    learning: state.learning.filter(([, key]) => here(key)),
    undos: state.undos.filter(({ key }) => here(key)),
  };
}
