// When a learner sees a word again, as study/scheduling says in Python: the learner's days, FSRS-6, fuzz, load balance
// and the policy around them. Both are held to tests/data/policy_vectors.json. Pure: no page, no clock.
//
// Data are as the server's JSON has them: a card is {state, step, stability, difficulty, last_day, interval, reps,
// lapses}; settings are {zone, rollover_hour, weights, retention, learning_steps, relearning_steps, maximum_interval,
// easy_days}, checked by the server; a key is the card's UUID. A time may be a Date or epoch milliseconds; what is
// returned is milliseconds.

const [AGAIN, HARD, GOOD, EASY] = [1, 2, 3, 4];
const RATINGS = [AGAIN, HARD, GOOD, EASY];
const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

// ---- Days

const formats = new Map();

function format(zone) {
  if (!formats.has(zone)) {
    const options = { timeZone: zone, hourCycle: "h23" };
    for (const part of ["year", "month", "day", "hour", "minute", "second"]) options[part] = "numeric";
    formats.set(zone, new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", options));
  }
  return formats.get(zone);
}

// What the clock on the wall shows at an instant, to the second, in milliseconds.
function wallAt(at, zone) {
  const shown = {};
  for (const { type, value } of format(zone).formatToParts(at)) shown[type] = Number(value);
  const { year, month, day, hour, minute, second } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

// Return the learner's day at an instant: days since 1970-01-01.
export function dayNumber(at, zone, rolloverHour) {
  const instant = Number(at);
  const day = Math.floor((wallAt(instant, zone) - rolloverHour * HOUR) / DAY);
  // The second pass of a repeated hour may show a time before the rollover that the first pass had reached.
  return dayStart(day + 1, zone, rolloverHour) <= instant ? day + 1 : day;
}

// Return the first instant of a day.
export function dayStart(day, zone, rolloverHour) {
  const wall = day * DAY + rolloverHour * HOUR;
  // No zone is further from UTC than 16 hours, so these are instants before and after it, on either side of a change.
  const offsets = [wall - 16 * HOUR, wall + 16 * HOUR].map((at) => wallAt(at, zone) - at);
  const [early, late] = [wall - Math.max(...offsets), wall - Math.min(...offsets)];
  // Where the clock shows it twice, the first of the two.
  return [early, late].find((at) => wallAt(at, zone) === wall) ?? afterTheGap(wall, early, late, zone);
}

// The instant at which a clock jumps over a time on the wall, by halving; Intl doesn't tell its transitions.
function afterTheGap(wall, early, late, zone) {
  let [before, after] = [early, late];
  while (after - before > SECOND) {
    const middle = before + Math.floor((after - before) / SECOND / 2) * SECOND;
    if (wallAt(middle, zone) < wall) before = middle;
    else after = middle;
  }
  return after;
}

// ---- Memory: FSRS-6, as study/scheduling/fsrs.py explains it

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const keptStability = (days) => clamp(days, 0.001, 36500);
const keptDifficulty = (value) => clamp(value, 1, 10);
const factor = (w) => 0.9 ** (-1 / w[20]) - 1;
const firstDifficulty = (w, rating) => w[4] - Math.exp(w[5] * (rating - 1)) + 1;

// Return the memory after the first answer.
export function firstMemory(w, rating) {
  return { stability: keptStability(w[rating - 1]), difficulty: keptDifficulty(firstDifficulty(w, rating)) };
}

// Return the memory after an answer given so many of the learner's days after the one before.
export function nextMemory(w, memory, elapsedDays, rating) {
  const recall = retrievability(w, memory.stability, elapsedDays);
  const after = elapsedDays === 0 ? sameDay : rating === AGAIN ? forgotten : recalled;
  return {
    stability: keptStability(after(w, memory, recall, rating)),
    difficulty: keptDifficulty(nextDifficulty(w, memory.difficulty, rating)),
  };
}

// The chance of recall after 0 days or more.
function retrievability(w, stability, elapsedDays) {
  return (1 + (factor(w) * elapsedDays) / stability) ** -w[20];
}

// Return the days, unrounded, after which recall falls to the retention.
export function interval(w, stability, retention) {
  return (stability / factor(w)) * (retention ** (-1 / w[20]) - 1);
}

function recalled(w, { stability, difficulty }, recall, rating) {
  const bonus = { [HARD]: w[15], [EASY]: w[16] }[rating] ?? 1;
  const growth = Math.exp(w[8]) * (11 - difficulty) * stability ** -w[9];
  return stability * (1 + growth * (Math.exp(w[10] * (1 - recall)) - 1) * bonus);
}

function forgotten(w, { stability, difficulty }, recall) {
  const left = w[11] * difficulty ** -w[12] * ((stability + 1) ** w[13] - 1);
  return Math.min(left * Math.exp(w[14] * (1 - recall)), stability / Math.exp(w[17] * w[18]));
}

function sameDay(w, { stability }, recall, rating) {
  const change = Math.exp(w[17] * (rating - 3 + w[18])) * stability ** -w[19];
  return stability * (rating === AGAIN ? change : Math.max(change, 1));
}

function nextDifficulty(w, difficulty, rating) {
  const damped = difficulty - (w[6] * (rating - 3) * (10 - difficulty)) / 9;
  return w[7] * firstDifficulty(w, EASY) + (1 - w[7]) * damped;
}

// ---- Fuzz and load balance

const SHORTEST_FUZZED = 2.5;
const PARTS = [[2.5, 7, 0.15], [7, 20, 0.1], [20, Infinity, 0.05]];
const COUNTED_DAYS = 90;
const EASY_DAY = 1e-4;
const BITS_32 = 2 ** 32;

const rounded = (days) => Math.floor(days + 0.5);

function spread(days) {
  if (days < SHORTEST_FUZZED) return 0;
  return PARTS.reduce((sum, [start, end, share]) => sum + share * Math.max(0, Math.min(days, end) - start), 1);
}

// The fewest and the most days for an interval, within least and maximum (which wins over least).
function fuzzWindow(days, least, maximum) {
  const minimum = Math.min(least, maximum);
  const middle = clamp(days, minimum, maximum);
  return [-1, 1].map((side) => clamp(rounded(middle + side * spread(middle)), minimum, maximum));
}

// MurmurHash3_x86_32 (Austin Appleby, public domain) of unsigned words of 32 bits.
function murmur3(words, seed = 0) {
  let state = seed;
  for (const word of words) {
    let mixed = Math.imul(word, 0xcc9e2d51);
    mixed = (mixed << 15) | (mixed >>> 17);
    state ^= Math.imul(mixed, 0x1b873593);
    state = (state << 13) | (state >>> 19);
    state = (Math.imul(state, 5) + 0xe6546b64) | 0;
  }
  state ^= 4 * words.length;
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35);
  return (state ^ (state >>> 16)) >>> 0;
}

// 32 bits for a card's UUID before an answer: a different draw each time.
function fuzzDraw(key, reps) {
  const words = key.replaceAll("-", "").match(/.{8}/g).map((digits) => parseInt(digits, 16));
  return murmur3([...words, reps]);
}

const weekday = (day) => (((day + 3) % 7) + 7) % 7;

// The days within a window, both ends included, that a draw stands for. A light day is likelier, an easy one
// hardly likely; the weights are added up in the order of the days, so that Python picks alike.
function pickDays([fewest, most], draw, today, load, easyDays) {
  const counted = most > COUNTED_DAYS ? null : load;
  if (!counted && easyDays.length === 0) return fewest + Math.floor((draw * (most - fewest + 1)) / BITS_32);
  const sums = [];
  let sum = 0;
  for (let days = fewest; days <= most; days++) {
    const reviews = (counted?.[today + days] ?? 0) + 1;
    sum += (easyDays.includes(weekday(today + days)) ? EASY_DAY : 1) / (reviews * reviews * days);
    sums.push(sum);
  }
  return fewest + sums.findIndex((upTo) => upTo > (draw / BITS_32) * sum);
}

// ---- Policy: as study/scheduling/policy.py explains it

// Return what this answer does: exactly what `preview` said of the button, given the same load (an object of the
// reviews due on each of the learner's days ahead, none where it is silent; null to fuzz alone).
export function answer(card, rating, at, policy, key, load = null) {
  if (!RATINGS.includes(rating)) throw new RangeError(`${rating} is not a rating`);
  return preview(card, at, policy, key, load)[rating];
}

// Return what each of the four buttons would do at this moment: {1: outcome, …, 4: outcome}, an outcome being {card,
// due_at, interval_days, raw_interval, retrievability}.
export function preview(card, at, policy, key, load = null) {
  const instant = Number(at);
  const today = dayNumber(instant, policy.zone, policy.rollover_hour);
  // After a clock was put back the answer is one of the same day, never one before the last.
  const elapsed = card.last_day === null ? 0 : Math.max(0, today - card.last_day);
  const asked = { card, at: instant, policy, today, elapsed, draw: fuzzDraw(key, card.reps), load };
  const outcomes = {};
  let worse = 0;
  for (const rating of RATINGS) {
    outcomes[rating] = outcomeOf(asked, rating, worse);
    worse = wholeDays(asked, rating, outcomes[rating], worse);
  }
  return outcomes;
}

const learnt = (card) => card.state === "review" || card.state === "relearning";

// The days that the next better button has to reach.
function wholeDays(asked, rating, outcome, worse) {
  const days = Math.floor(outcome.interval_days);
  if (rating !== GOOD || outcome.card.state === "review") return days;
  // As in Anki "easy" goes a day beyond graduation by "good", even where "good" is still a step.
  return Math.max(days, daysOf(asked, rating, outcome.raw_interval, worse));
}

function outcomeOf(asked, rating, worse) {
  const [recall, memory] = remembered(asked, rating);
  const raw = interval(asked.policy.weights, memory.stability, asked.policy.retention);
  const [place, dueAt, intervalDays] = placeOf(asked, rating, raw, worse);
  return {
    card: answered(asked, rating, memory, place),
    due_at: dueAt,
    interval_days: intervalDays,
    raw_interval: raw,
    retrievability: recall,
  };
}

// The state, step and interval after a button, when the card is due and after how many days.
function placeOf(asked, rating, raw, worse) {
  const step = stepOf(asked.card, rating, asked.policy);
  if (step) return [placeInSteps(asked, rating, step.index, raw), ...dueAfter(asked, step.seconds)];
  const days = daysOf(asked, rating, raw, worse);
  return [{ state: "review", step: null, interval: days }, startOf(asked, days), days];
}

function answered({ card, at, today }, rating, memory, place) {
  const lapsed = rating === AGAIN && card.state === "review";
  const counts = { reps: card.reps + 1, lapses: card.lapses + Number(lapsed) };
  return { ...place, ...memory, ...counts, last_day: today, last_at: at };
}

// The recall predicted, in whole days, and the memory after the answer.
function remembered({ card, elapsed, policy: { weights } }, rating) {
  if (card.stability === null) return [null, firstMemory(weights, rating)];
  return [retrievability(weights, card.stability, elapsed), nextMemory(weights, card, elapsed, rating)];
}

// The step that a button leads to; null where it leads to an interval of days.
function stepOf(card, rating, policy) {
  if (card.state === "review" && rating !== AGAIN) return null;
  const steps = learnt(card) ? policy.relearning_steps : policy.learning_steps;
  if (steps.length === 0 || rating === EASY) return null;
  if (rating === AGAIN) return { index: 0, seconds: steps[0] };
  // The learner may have shortened the list since: then this is its last step.
  const index = Math.min(card.step ?? 0, steps.length - 1);
  if (rating === HARD) return { index, seconds: hardSeconds(steps, index) };
  return index + 1 < steps.length ? { index: index + 1, seconds: steps[index + 1] } : null;
}

function hardSeconds(steps, index) {
  if (index > 0) return steps[index];
  return steps.length > 1 ? (steps[0] + steps[1]) / 2 : 1.5 * steps[0];
}

// When a step ends and its length in days; past the rollover it lasts till a day begins.
function dueAfter(asked, seconds) {
  const { zone, rollover_hour: rolloverHour, maximum_interval: maximum } = asked.policy;
  const dueAt = asked.at + seconds * SECOND;
  const days = Math.min(dayNumber(dueAt, zone, rolloverHour) - asked.today, maximum);
  return days < 1 ? [dueAt, seconds / 86400] : [startOf(asked, days), days];
}

// The interval in days of a card that is in review after the answer.
function daysOf({ card, draw, today, load, policy }, rating, raw, worse) {
  if (rating === AGAIN) return lapseDays(raw, policy);
  const maximum = policy.maximum_interval;
  const reviewed = card.state === "review";
  const least = Math.max(1, worse + Number(rating === EASY || (reviewed && rating === GOOD)));
  const window = reviewed
    ? fuzzWindow(raw, Math.max(least, leastGrowth(card.interval, raw, maximum)), maximum)
    : fuzzWindow(rounded(raw), least, maximum);
  return pickDays(window, draw, today, load, policy.easy_days);
}

// The fewest days after a passed review: more than before where the formula says more; where it says less, as many as
// before if fuzz alone could make up the difference.
function leastGrowth(previous, raw, maximum) {
  if (rounded(raw) > previous) return previous + 1;
  const [, most] = fuzzWindow(raw, 1, maximum);
  return previous <= most ? previous : 1;
}

const lapseDays = (raw, policy) => Math.min(Math.max(1, rounded(raw)), policy.maximum_interval);

// State, step and interval of a card in learning, or in relearning, where its lapse left an interval.
function placeInSteps({ card, policy }, rating, step, raw) {
  if (!learnt(card)) return { state: "learning", step, interval: 0 };
  return { state: "relearning", step, interval: rating === AGAIN ? lapseDays(raw, policy) : card.interval };
}

function startOf({ today, policy }, days) {
  return dayStart(today + days, policy.zone, policy.rollover_hour);
}
