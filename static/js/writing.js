// The writing exercise: the characters of a word drawn from memory, one after another in one square, stroke by stroke.
// hanzi-writer judges each stroke; drawings come from our own origin. What is drawn can't be drawn by keyboard: for that
// there are the buttons, and whoever shows the exercise lets the learner grade themselves.

// A drawing is 1024 units wide; of the square a sixteenth on each side is left free.
const SIZE = 1024;
const PADDING = SIZE / 16;
const LENIENCY = { strict: 0.7, normal: 1, lenient: 1.5 };
const MISSES_BEFORE_HINT = 3;
const BETWEEN_CHARACTERS = 600;
// Where nothing is to move, strokes appear at once, one after another.
const STILL = { strokeAnimationSpeed: 1e6, delayBetweenStrokes: 600, strokeFadeDuration: 0, drawingFadeDuration: 0 };
const COLOURS = {
  strokeColor: "--ink",
  drawingColor: "--ink",
  outlineColor: "--line",
  highlightColor: "--hard",
  highlightCompleteColor: "--good",
};
const [AGAIN, HARD, GOOD] = [1, 2, 3];

// Return the grade that the characters as written suggest: good without a miss and a hint; hard with a miss in about six
// strokes or with one hint; else again, as for a character given up or of which no stroke was drawn. Never easy: that a
// word came easily only the learner knows. Null if nothing was to be written.
export function gradeOf(characters) {
  const [strokes, misses, hints] = ["strokes", "misses", "hints"].map((key) => sum(characters, key));
  if (strokes === 0) return null;
  if (characters.some((each) => each.gaveUp || each.skipped === each.strokes)) return AGAIN;
  if (misses === 0 && hints === 0) return GOOD;
  return misses <= Math.max(1, Math.round(strokes / 6)) && hints <= 1 ? HARD : AGAIN;
}

// Let a learner write `characters` in the container. Options:
//   libraryUrl   where hanzi-writer.min.js is; strokesUrl: where the drawings are, "/strokes/" unless said otherwise
//   leniency     "strict", "normal" or "lenient"; outline: whether the character is shown to be traced
//   onProgress   called before each stroke, after each miss and hint, with {character, index, count, stroke, strokes,
//                misses, hints}
//   onDone       called once with {characters: [{character, strokes, misses, skipped, hints, gaveUp}], undrawn, strokes,
//                misses, grade}. A stroke skipped is a miss as well. `undrawn` names the characters without a drawing;
//                if none has one, there are no characters and the grade is null.
// Returns {skipStroke(), hint(), giveUp(), destroy()}.
export function mount(container, options) {
  const exercise = new Exercise(container, options);
  exercise.start();
  return {
    skipStroke: () => exercise.skipStroke(),
    hint: () => exercise.hint(),
    giveUp: () => exercise.giveUp(),
    destroy: () => exercise.destroy(),
  };
}

// Show how one character is written, in a square in the container. Returns {play(), destroy()}; play() tells when it ends.
export async function show(container, { character, libraryUrl, strokesUrl = "/strokes/" }) {
  const stop = new AbortController();
  const [library, drawing] = await Promise.all([load(libraryUrl), fetchDrawing(strokesUrl, character)]);
  const square = makeSquare(`The strokes of ${character}`, stop.signal);
  container.append(square.element);
  const writer = makeWriter(library, square, character, () => drawing, stop.signal);
  return {
    play: () => writer.animateCharacter(),
    destroy() {
      stop.abort();
      square.element.remove();
    },
  };
}

const sum = (rows, key) => rows.reduce((total, row) => total + row[key], 0);
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

let library = null;

// hanzi-writer is no module: it leaves a global name behind.
function load(url) {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(window.HanziWriter);
    script.onerror = () => {
      library = null;
      script.remove();
      reject(new Error(`${url} can't be loaded.`));
    };
    document.head.append(script);
  });
  return library;
}

// Return the drawing of a character, null if there is none. Without a cookie the server need not ask who it is for.
async function fetchDrawing(strokesUrl, character) {
  const code = character.codePointAt(0).toString(16);
  const response = await fetch(`${strokesUrl}${code}.json`, { credentials: "omit" });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`The strokes of ${character} can't be loaded.`);
  return response.json();
}

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function makeSvg(tag, attributes = {}) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

// A square with the lines of 米字格. It has units of its own, so it may have any size and be sharp on any screen.
function makeSquare(label, signal) {
  const svg = makeSvg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", "aria-label": label });
  const middle = SIZE / 2;
  const lines = `M${middle} 0V${SIZE}M0 ${middle}H${SIZE}M0 0L${SIZE} ${SIZE}M${SIZE} 0L0 ${SIZE}`;
  const defs = makeSvg("defs");
  svg.append(makeSvg("path", { class: "writing-grid", d: lines }), defs);
  const element = make("div", { class: "writing-square" }, svg);
  return { element, svg, target: makeTarget(svg, defs, signal) };
}

// What hanzi-writer draws upon. Its own listens to mouse and touch apart, and to the whole page for ever.
function makeTarget(svg, defs, signal) {
  const listen = (types, callback) => {
    for (const type of types) svg.addEventListener(type, callback, { signal });
  };
  const told = (callback) => (event) => {
    if (event.isPrimary && event.button <= 0) callback({ getPoint: () => pointIn(svg, event), preventDefault() {} });
  };
  return {
    svg,
    defs,
    node: svg,
    createSubRenderTarget() {
      const group = makeSvg("g");
      this.svg.append(group);
      return { svg: group, defs, createSubRenderTarget: this.createSubRenderTarget };
    },
    addPointerStartListener(callback) {
      // Captured, a stroke that leaves the square goes on.
      listen(["pointerdown"], (event) => svg.setPointerCapture(event.pointerId));
      listen(["pointerdown"], told(callback));
    },
    addPointerMoveListener: (callback) => listen(["pointermove"], told(callback)),
    addPointerEndListener: (callback) => listen(["pointerup", "pointercancel"], told(callback)),
  };
}

function pointIn(svg, { clientX, clientY }) {
  const { left, top, width } = svg.getBoundingClientRect();
  return { x: ((clientX - left) * SIZE) / width, y: ((clientY - top) * SIZE) / width };
}

function makeWriter(HanziWriter, square, character, drawingOf, signal, options = {}) {
  const writer = HanziWriter.create(square.element, character, {
    charDataLoader: drawingOf,
    rendererOverride: { createRenderTarget: () => square.target },
    width: SIZE,
    height: SIZE,
    padding: PADDING,
    showOutline: true,
    drawingWidth: 36,
    delayBetweenStrokes: 250,
    ...coloursOf(square.element),
    ...(still() && STILL),
    ...options,
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => recolour(writer, square), { signal });
  return writer;
}

function coloursOf(element) {
  const style = getComputedStyle(element);
  return Object.fromEntries(
    Object.entries(COLOURS).map(([name, property]) => [name, style.getPropertyValue(property).trim()]),
  );
}

function recolour(writer, square) {
  for (const [name, colour] of Object.entries(coloursOf(square.element))) {
    writer.updateColor(name, colour, { duration: 0 });
  }
}

class Exercise {
  constructor(container, { characters, onDone, onProgress, ...options }) {
    this.container = container;
    this.characters = [...characters].filter((each) => /[\p{L}\p{N}]/u.test(each));
    this.options = { leniency: "normal", strokesUrl: "/strokes/", outline: false, ...options };
    this.onDone = onDone ?? (() => {});
    this.onProgress = onProgress ?? (() => {});
    this.ended = new AbortController();
    this.results = [];
    this.open = false; // whether strokes are taken: not while loading, nor between two characters
  }

  get now() {
    return this.results[this.index];
  }

  // Fetch what is needed and begin; what can't be fetched may be tried again.
  async start() {
    this.root = make("div", { class: "writing" });
    this.status = make("p", { class: "writing-status", role: "status" });
    this.root.append(this.status);
    this.container.append(this.root);
    try {
      const [HanziWriter, drawings] = await Promise.all([load(this.options.libraryUrl), this.fetchDrawings()]);
      if (!this.ended.signal.aborted) this.begin(HanziWriter, drawings);
    } catch {
      if (!this.ended.signal.aborted) this.offerRetry();
    }
  }

  async fetchDrawings() {
    const fetched = this.characters.map((each) =>
      /\p{Script=Han}/u.test(each) ? fetchDrawing(this.options.strokesUrl, each) : null,
    );
    return Promise.all(fetched);
  }

  offerRetry() {
    const retry = make("button", { type: "button", class: "secondary" }, "Try again");
    retry.addEventListener("click", () => {
      this.root.remove();
      this.start();
    });
    this.status.textContent = "The strokes could not be fetched.";
    this.root.append(retry);
  }

  begin(HanziWriter, drawings) {
    this.drawings = new Map(this.characters.map((each, place) => [each, drawings[place]]));
    this.undrawn = [...new Set(this.characters.filter((each) => !this.drawings.get(each)))];
    this.results = this.characters
      .filter((each) => this.drawings.get(each))
      .map((character) => {
        const strokes = this.drawings.get(character).strokes.length;
        return { character, strokes, misses: 0, skipped: 0, hints: 0, gaveUp: false };
      });
    if (this.results.length === 0) this.finish();
    else this.build(HanziWriter);
  }

  build(HanziWriter) {
    const { signal } = this.ended;
    this.square = makeSquare("", signal);
    this.word = make("ol", { class: "writing-word", lang: "zh", "aria-hidden": "true" });
    this.word.append(...this.results.map(() => make("li")));
    this.word.hidden = this.results.length === 1;
    this.buttons = make("div", { class: "writing-buttons" });
    for (const [text, act] of [["Hint", "hint"], ["Skip this stroke", "skipStroke"], ["Give up", "giveUp"]]) {
      const button = make("button", { type: "button", class: "secondary" }, text);
      button.addEventListener("click", () => this[act]());
      this.buttons.append(button);
    }
    this.root.prepend(this.word, this.square.element);
    this.root.append(this.buttons);
    const [{ character }] = this.results;
    this.writer = makeWriter(HanziWriter, this.square, character, (each) => this.drawings.get(each), signal, {
      showCharacter: false,
      showOutline: this.options.outline,
    });
    // A hint may be seen before the next try only where nothing moves.
    this.square.svg.addEventListener("pointerdown", () => this.shownHint?.remove(), { signal });
    this.hintsTransform = HanziWriter.getScalingTransform(SIZE, SIZE, PADDING).transform;
    this.ask(0);
  }

  async ask(index) {
    this.index = index;
    this.startStroke(0);
    const { length } = this.results;
    const which = length > 1 ? `character ${index + 1} of ${length}` : "the character";
    this.square.svg.setAttribute("aria-label", `Draw ${which} here, stroke by stroke`);
    this.word.children[index].className = "now";
    if (index > 0) await this.writer.setCharacter(this.now.character);
    await this.writer.quiz({
      leniency: LENIENCY[this.options.leniency],
      showHintAfterMisses: false, // it is given here, to be counted
      highlightOnComplete: !still(),
      onMistake: () => this.miss(),
      onCorrectStroke: () => this.startStroke(this.stroke + 1),
      onComplete: () => this.complete(),
    });
    if (this.ended.signal.aborted) return;
    this.open = true;
    this.tell();
  }

  startStroke(stroke) {
    this.stroke = stroke;
    this.missed = 0;
    this.hinted = false;
    this.shownHint?.remove();
    if (this.open && stroke < this.now.strokes) this.tell();
  }

  // Say what has just happened and which stroke is asked for.
  tell(before = "", after = "") {
    const { character, strokes, misses, hints } = this.now;
    const { index, stroke, results: { length: count } } = this;
    const place = `${count > 1 ? `Character ${index + 1} of ${count}, stroke` : "Stroke"} ${stroke + 1} of ${strokes}`;
    this.status.textContent = [before, place + after].filter(Boolean).join(" ");
    this.onProgress({ character, index, count, stroke: stroke + 1, strokes, misses, hints });
  }

  miss() {
    this.now.misses += 1;
    this.missed += 1;
    const said = this.missed === 1 ? "Not quite." : `Not quite: ${this.missed} misses.`;
    if (this.missed >= MISSES_BEFORE_HINT) this.hint(said);
    else this.tell(said);
  }

  hint(said = "") {
    if (!this.open) return;
    if (!this.hinted) this.now.hints += 1;
    this.hinted = true;
    if (still()) this.showHint();
    else this.writer.highlightStroke(this.stroke);
    this.tell(said, ": see the hint");
  }

  // The stroke itself with a dot where it begins, instead of one that draws itself.
  showHint() {
    this.shownHint?.remove();
    const { strokes, medians } = this.drawings.get(this.now.character);
    const [x, y] = medians[this.stroke][0];
    this.shownHint = makeSvg("g", { class: "writing-hint", transform: this.hintsTransform });
    this.shownHint.append(makeSvg("path", { d: strokes[this.stroke] }), makeSvg("circle", { cx: x, cy: y, r: 28 }));
    this.square.svg.append(this.shownHint);
  }

  skipStroke() {
    if (!this.open) return;
    this.now.misses += 1;
    this.now.skipped += 1;
    this.startStroke(this.stroke + 1);
    this.writer.skipQuizStroke();
  }

  complete() {
    this.open = false;
    this.reveal(this.index);
    const last = this.index + 1 === this.results.length;
    this.timer = setTimeout(() => (last ? this.finish() : this.ask(this.index + 1)), BETWEEN_CHARACTERS);
  }

  reveal(index) {
    this.word.children[index].textContent = this.results[index].character;
    this.word.children[index].className = "";
  }

  // What is left counts as skipped; the square shows how the character at hand is written.
  giveUp() {
    if (!this.open) return;
    this.open = false;
    this.shownHint?.remove();
    for (const [index, result] of this.results.entries()) {
      if (index < this.index) continue;
      const left = result.strokes - (index === this.index ? this.stroke : 0);
      result.skipped += left;
      result.misses += left;
      result.gaveUp = true;
      this.reveal(index);
    }
    this.writer.cancelQuiz();
    this.writer.showCharacter({ duration: 0 });
    this.finish();
  }

  finish() {
    const { results: characters, undrawn } = this;
    const [strokes, misses] = ["strokes", "misses"].map((key) => sum(characters, key));
    if (this.buttons) this.buttons.hidden = true;
    this.status.textContent = undrawn.length ? `There is no drawing of ${undrawn.join(", ")}.` : "";
    this.onDone({ characters, undrawn, strokes, misses, grade: gradeOf(characters) });
  }

  destroy() {
    this.ended.abort();
    this.open = false;
    clearTimeout(this.timer);
    this.writer?.cancelQuiz();
    this.root?.remove();
  }
}
