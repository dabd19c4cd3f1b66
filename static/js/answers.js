// What is right in a typed answer, as study/scheduling/answers.py says and explains in Python. Both are held to
// tests/data/typed_answers.json. Pure: no page, no network.
//
// Readings are CC-CEDICT's numbers (`ni3 hao3`, `wan2 r5`). A verdict is {outcome, reading, syllables: [{expected, tone,
// typed, typed_tone, verdict}]}.

const LONGEST_ANSWER = 200;
const LONGEST = 7; // letters of a syllable: zhuangr

// Letters and zhuyin's symbols for them, in turn.
const INITIALS =
  "b ㄅ p ㄆ m ㄇ f ㄈ d ㄉ t ㄊ n ㄋ l ㄌ g ㄍ k ㄎ h ㄏ j ㄐ q ㄑ x ㄒ zh ㄓ ch ㄔ sh ㄕ r ㄖ z ㄗ c ㄘ s ㄙ";
const FINALS =
  "a ㄚ o ㄛ e ㄜ ai ㄞ ei ㄟ ao ㄠ ou ㄡ an ㄢ en ㄣ ang ㄤ eng ㄥ ong ㄨㄥ i ㄧ ia ㄧㄚ io ㄧㄛ ie ㄧㄝ iai ㄧㄞ " +
  "iao ㄧㄠ iu ㄧㄡ ian ㄧㄢ in ㄧㄣ iang ㄧㄤ ing ㄧㄥ iong ㄩㄥ u ㄨ ua ㄨㄚ uo ㄨㄛ uai ㄨㄞ ui ㄨㄟ uan ㄨㄢ " +
  "un ㄨㄣ uang ㄨㄤ ü ㄩ üe ㄩㄝ üan ㄩㄢ ün ㄩㄣ";
const WHOLE = "er ㄦ m ㄇ n ㄋ ng ㄫ hm ㄏㄇ hng ㄏㄫ";

const MARKS = { "\u0304": 1, "\u0301": 2, "\u030c": 3, "\u0306": 3, "\u0300": 4 };
const NUMBERS = { 0: 5, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, "ˉ": 1, "ˊ": 2, "ˇ": 3, "ˋ": 4 };
const TOKEN = /([a-z]|[ㄅ-ㄩㄫ])([\u0300-\u036f]*)|([0-5ˉˊˇˋ])|(˙)|[^]/gu;
const [NEUTRAL, FIRST] = [5, 1];

// What is wrong costs so much when letters are cut into syllables; a tone decides only between equal cuts.
const [MISSING, EXTRA, OTHER_SYLLABLE, NO_LETTER] = [150, 150, 100, 25];
const [TONE_MISSING, WRONG_TONE] = [1, 2];
const RANKS = ["right", "tones_missing", "wrong"];
const empty = () => ({ outcome: "empty", reading: null, syllables: [] });

// Return what typed pinyin or zhuyin is worth; `others` are readings of the hanzi that the card doesn't ask for.
export function gradePinyin(typed, accepted, others = []) {
  const written = normal(typed);
  const ways = (written.includes("˙") ? [false, true] : [false]).map((follows) => partsOf(unitsOf(written, follows)));
  if (ways[0].length === 0) return empty();
  const verdict = best(ways, accepted.map(askedOf));
  if (verdict.outcome === "wrong" && best(ways, others.map(askedOf)).outcome !== "wrong") {
    return { ...verdict, outcome: "other_reading" };
  }
  return verdict;
}

// Return what typed hanzi are worth; white space, punctuation and the width of letters make no difference.
export function gradeHanzi(typed, accepted) {
  const parts = charactersOf(typed).map((part) => [part]);
  if (parts.length === 0) return empty();
  const verdict = best([parts], accepted.map(charactersOf));
  const named = (each) => ({ ...each, verdict: each.verdict.replace("_syllable", "") });
  return { ...verdict, syllables: verdict.syllables.map(named) };
}

function charactersOf(text) {
  const kept = cut(text).normalize("NFKC").toLowerCase().match(/[\p{L}\p{N}]/gu) ?? [];
  return kept.slice(0, LONGEST_ANSWER).map((letters) => ({ letters, tone: 0, strangeness: 0 }));
}

// By code points, as Python counts; no more than two units each.
const cut = (text) => [...text.slice(0, 2 * LONGEST_ANSWER)].slice(0, LONGEST_ANSWER).join("");

// ---- Reading

// A text with its marks apart, u with two dots for every ü, and zhuyin's neutral tone as ˙.
function normal(text) {
  return cut(text).normalize("NFKD").toLowerCase().replaceAll(" \u0307", "˙")
    .replaceAll("ɑ", "a").replaceAll("ɡ", "g").replaceAll("v", "u\u0308")
    .replace(/u([\u0300-\u036f]*)[u:]/g, "u\u0308$1")
    .replace(/([ㄅ-ㄩㄫ])[·‧・•]|[·‧・•](?=[ㄅ-ㄩㄫ])/g, "$1˙");
}

// The letters of a normal text: {symbol, mark: the tone over it, number: the tone after it, begins: if a syllable must
// begin here}. A ˙ between two of them belongs to the one that it follows, or not.
function unitsOf(text, dotFollows) {
  const units = [];
  let [begins, neutral] = [true, 0];
  for (const { 0: token, 1: symbol, 2: marks, 3: number, 4: dot, index } of text.matchAll(TOKEN)) {
    if (symbol) {
      units.push(unitOf(symbol, marks, neutral, begins || (symbol < "ㄅ") !== (units.at(-1).symbol < "ㄅ")));
      [begins, neutral] = [false, 0];
      continue;
    }
    const follows = dot && !begins && (dotFollows || !/^[a-zㄅ-ㄩㄫ]/.test(text.slice(index + token.length)));
    if (number || follows) addTone(units, number ? NUMBERS[number] : NEUTRAL);
    else if (dot) neutral = NEUTRAL;
    begins = true;
  }
  return units.slice(0, LONGEST_ANSWER);
}

function unitOf(symbol, marks, neutral, begins) {
  const mark = MARKS[[...marks].find((each) => MARKS[each])] ?? neutral;
  return { symbol: symbol === "u" && marks.includes("\u0308") ? "ü" : symbol, mark, number: 0, begins };
}

function addTone(units, tone) {
  if (units.length > 0) units.at(-1).number ||= tone;
}

// The syllables of a reading; letters that are no syllable, as of `coser`, in pieces that can be read.
function askedOf(reading) {
  const units = unitsOf(normal(reading), false);
  const parts = [];
  let start = 0;
  for (let end = 1; end <= units.length; end++) {
    if (end < units.length && !units[end].begins && end - start < LONGEST) continue;
    parts.push(partOf(units, start, end));
    start = end;
  }
  return parts;
}

// For each letter what may be a syllable from there: of one letter, of two, as far as a boundary.
const partsOf = (units) => units.map((_, start) => partsFrom(units, start));

function partsFrom(units, start) {
  const parts = [];
  let marks = 0;
  for (let end = start; end < Math.min(start + LONGEST, units.length); end++) {
    if (units[end].mark) marks++;
    if (marks > 1 || (end > start && units[end].begins)) break;
    parts.push(partOf(units, start, end + 1));
  }
  return parts;
}

// Some letters as one syllable, which may be none: {letters, tone: 0 for none, strangeness: what it costs to be none}.
function partOf(units, start, end) {
  const taken = units.slice(start, end);
  const written = taken.map((unit) => unit.symbol).join("");
  const tone = taken.at(-1).number || (taken.find((unit) => unit.mark)?.mark ?? 0);
  if (written < "ㄅ") return spoken(spelt(written), tone);
  const next = units[end];
  // Symbols that are a syllable with the next one, too: nobody can tell where this one ends.
  const goesOn = next && !next.begins && ofZhuyin.has(written + next.symbol);
  const base = written.endsWith("ㄦ") && ofZhuyin.get(written.slice(0, -1));
  const letters = ofZhuyin.get(written) ?? (base && `${base}r`);
  const strangeness = letters ? 0 : NO_LETTER * written.length;
  return { letters: letters || written, tone: tone || (goesOn ? 0 : FIRST), strangeness };
}

function spoken(letters, tone) {
  return { letters, tone, strangeness: plausible.has(letters) ? 0 : NO_LETTER * letters.length };
}

// The one spelling of a syllable: ju for jü, lüe for lue; a lone ü was the letter v.
function spelt(letters) {
  return letters.replace(/^([jqxy])ü/, "$1u").replace(/^ü$/, "v").replace(/^([ln])ue/, "$1üe");
}

// Syllables by their symbols in zhuyin; and what looks like a syllable, whether or not Chinese uses it.
const ofZhuyin = new Map(pairs(WHOLE).map(([letters, symbols]) => [symbols, letters]));

for (const [final, symbols] of pairs(FINALS)) {
  ofZhuyin.set(symbols, withoutInitial(final));
  for (const [initial, symbol] of pairs(INITIALS)) {
    if (/^[jqx]u/.test(initial + final)) continue; // that u is an ü
    const unwritten = final === "i" && /^([zcs]h?|r)$/.test(initial);
    ofZhuyin.set(unwritten ? symbol : symbol + symbols, spelt(initial + final));
  }
}

const plausible = new Set(ofZhuyin.values()).add("r");

function pairs(table) {
  return table.split(" ").flatMap((letters, at, words) => (at % 2 ? [] : [[letters, words[at + 1]]]));
}

function withoutInitial(final) {
  const special = { iu: "you", ui: "wei", un: "wen", ong: "weng", u: "wu" }[final];
  if (special || /^i(ng?)?$/.test(final)) return special ?? `y${final}`;
  return final.replace(/^i/, "y").replace(/^u/, "w").replace("ü", "yu");
}

// ---- Comparing

// The best verdict over all ways to read an answer and all that is accepted; of equals the first.
function best(ways, accepted) {
  const graded = accepted.flatMap((asked, at) => ways.map((parts) => gradedAs(parts, asked, at)));
  if (graded.length === 0) graded.push(gradedAs(ways[0], [], null));
  const rank = ({ outcome }) => RANKS.indexOf(outcome);
  return graded.reduce((one, other) =>
    (rank(other.verdict) - rank(one.verdict) || other.cost - one.cost) < 0 ? other : one).verdict;
}

function gradedAs(parts, asked, reading) {
  const { cost, syllables } = aligned(parts, asked);
  const has = (...verdicts) => syllables.some(({ verdict }) => verdicts.includes(verdict));
  const faulty = has("wrong_tone", "wrong_syllable", "missing", "extra");
  const outcome = faulty ? "wrong" : has("tone_missing") ? "tones_missing" : "right";
  return { cost, verdict: { outcome, reading, syllables } };
}

// The least cost of an answer, and its syllables beside the expected ones. A step is the cheapest way on from a letter
// and an expected syllable: [its cost to the end, how many of both it takes].
function aligned(parts, asked) {
  const steps = parts.map(() => []).concat([[]]);
  for (let start = parts.length; start >= 0; start--) {
    for (let place = asked.length; place >= 0; place--) {
      steps[start][place] = cheapest(steps, parts[start] ?? [], asked, start, place) ?? [0, 0, 0];
    }
  }
  const syllables = [];
  let [start, place] = [0, 0];
  for (let [, letters, taken] = steps[0][0]; letters || taken; [, letters, taken] = steps[start][place]) {
    syllables.push(...compared(parts[start]?.[letters - 1], asked.slice(place, place + taken)));
    [start, place] = [start + letters, place + taken];
  }
  return { cost: steps[0][0][0], syllables };
}

// What comes next: a syllable for the expected one, for that and its r, one too many, or one missing.
function cheapest(steps, here, asked, start, place) {
  let found = null;
  const offer = (cost, letters, taken) => {
    const total = cost + steps[start + letters][place + taken][0];
    if (!found || total < found[0]) found = [total, letters, taken]; // of equals the first
  };
  here.forEach((part, at) => {
    if (place < asked.length) offer(costOf(part, asked[place]), at + 1, 1);
    if (place + 1 < asked.length && isR(asked[place + 1]) && /.r$/.test(part.letters)) {
      offer(costOf(withoutR(part), asked[place]), at + 1, 2);
    }
    offer(EXTRA + part.strangeness, at + 1, 0);
  });
  if (place < asked.length) offer(MISSING, 0, 1);
  return found;
}

const isR = ({ letters, tone }) => letters === "r" && tone === NEUTRAL;
const withoutR = ({ letters, tone }) => spoken(letters.slice(0, -1), tone);
const sameLetters = (part, asked) => part.letters === asked.letters || (part.letters === "er" && isR(asked));

function costOf(part, asked) {
  if (!sameLetters(part, asked)) return OTHER_SYLLABLE + part.strangeness;
  if (asked.tone === 0 || asked.tone === part.tone) return 0;
  return part.tone ? WRONG_TONE : TONE_MISSING;
}

// The syllables of one step.
function compared(part, [asked, r]) {
  if (!part) return [row(asked, { letters: "", tone: 0 }, "missing")];
  if (!asked) return [row({ letters: "", tone: 0 }, part, "extra")];
  const typed = r ? withoutR(part) : part;
  const first = row(asked, typed, verdictOf(typed, asked));
  return r ? [first, row(r, { letters: "r", tone: 0 }, "right")] : [first];
}

function row(asked, part, verdict) {
  return { expected: asked.letters, tone: asked.tone, typed: part.letters, typed_tone: part.tone, verdict };
}

function verdictOf(part, asked) {
  if (!sameLetters(part, asked)) return "wrong_syllable";
  if (asked.tone === 0 || asked.tone === part.tone || (asked.tone === NEUTRAL && !part.tone)) return "right";
  return part.tone ? "wrong_tone" : "tone_missing";
}
