// How the study page puts things: intervals as the server does (study/templatetags/study.py), and what was typed.
const MARKS = { 1: "\u0304", 2: "\u0301", 3: "\u030c", 4: "\u0300" };

const round = (number) => {
  // As Python does: a half goes to the even neighbour.
  const whole = Math.round(number);
  return whole - number === 0.5 && whole % 2 ? whole - 1 : whole;
};

// Return a number with one digit behind its point, if that isn't 0; of 1.25, too, the even neighbour.
const tenths = (number) => (number % 1 === 0.25 ? number - 0.05 : number).toFixed(1).replace(".0", "");

// Return days (a fraction for minutes) as short text: "1 min", "10 min", "4 d", "2.5 mo", "1.2 y".
export function intervalText(days) {
  const [minutes, hours] = [round(days * 24 * 60), round(days * 24)];
  if (minutes < 60) return `${Math.max(1, minutes)} min`;
  if (hours < 24) return `${hours} h`;
  if (days < 31) return `${round(days)} d`;
  if (days < 365) return `${tenths(days / 30.4)} mo`;
  return `${tenths(days / 365.25)} y`;
}

// Return what is said of an answer that may be looked at again.
export function told(outcome) {
  return {
    tones_missing: "The letters are right. Which tones? Add them, or check again to see the answer.",
    other_reading: "That is another reading of this word. Try the one that is asked here, or check again.",
    empty: "Type what you know, or show the answer.",
  }[outcome];
}

// Return a syllable with its tone's mark, where the mark stands: on a or e, on the o of ou, else on the last vowel, or as
// in ḿ; other letters with its number, and zhuyin, which has its own marks, as it is.
export function marked(written, tone) {
  const letters = written.replaceAll("v", "ü");
  if (!letters || !MARKS[tone] || letters >= "ㄅ") return letters;
  const place = [
    ...["a", "e", "ê", "ou"].map((vowel) => letters.indexOf(vowel)),
    Math.max(...[..."iouü"].map((letter) => letters.lastIndexOf(letter))),
    letters.search(/[mn]/),
  ].find((at) => at >= 0);
  if (place === undefined) return letters + tone;
  return (letters.slice(0, place + 1) + MARKS[tone] + letters.slice(place + 1)).normalize("NFC");
}

const SAID = {
  right: "right", tone_missing: "tone missing", wrong_tone: "wrong tone", wrong_syllable: "wrong syllable", wrong: "wrong",
  missing: "missing", extra: "too much",
};

// Return what was typed, syllable by syllable, as a list: each with its verdict in a word.
export function verdictList({ syllables }, exercise) {
  const list = Object.assign(document.createElement("ol"), { className: "verdict" });
  for (const each of syllables) {
    const spelt = exercise === "pinyin" ? marked : (text) => text;
    const item = Object.assign(document.createElement("li"), { className: each.verdict });
    const typed = spelt(each.typed ?? "", each.typed_tone);
    item.append(part("span", each.verdict === "extra" ? typed : spelt(each.expected, each.tone), exercise));
    item.append(part("small", SAID[each.verdict]));
    if (typed && !["right", "extra"].includes(each.verdict)) item.append(part("s", typed, exercise));
    list.append(item);
  }
  return list;
}

// Return what is said of a drawing.
export function drawnLine({ strokes, misses, undrawn }) {
  const missed = misses ? `${misses} of ${strokes} strokes missed` : `all ${strokes} strokes right`;
  const text = strokes ? `Drawn: ${missed}.` : `No strokes are known of ${undrawn.join(" ")}.`;
  return Object.assign(document.createElement("p"), { className: "verdict-line", textContent: text });
}

function part(name, text, exercise) {
  const element = Object.assign(document.createElement(name), { textContent: text });
  if (exercise) element.lang = exercise === "pinyin" ? "zh-Latn-pinyin" : "zh";
  return element;
}
