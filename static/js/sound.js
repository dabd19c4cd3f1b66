// A word said aloud: by the browser's Chinese voice, else by a recording that the site has. A character with several
// readings is heard from a recording first, for a voice can't know which reading is meant. Nothing here throws: that
// there is no sound is no reason to stop studying.
//
// A word is {text, lang, urls, ambiguous, rate}: lang is zh-Hans or zh-Hant, urls are recordings to play in order.

const speech = window.speechSynthesis;

// Cantonese is another language (zh-HK, yue), zh-CN-shaanxi a dialect, and cmn-Latn reads pinyin.
const MANDARIN = /^(zh|cmn)(-han[st])?(-(cn|tw|sg))?$/;
// Apple's voices for fun stand before the good ones.
const TOY = /^(Eddy|Flo|Grandma|Grandpa|Reed|Rocko|Sandy|Shelley)\b/;
const STARTS_WITHIN = 5000; // ms; some systems list voices that never speak
const CANCELS_WITHIN = 100; // ms; a word that follows a cancelled one at once is lost on Linux

// ---- Which voice

// Android writes zh_CN_#Hans.
const tag = (voice) => voice.lang.toLowerCase().replaceAll("_", "-").replace(/-#.*/, "");

function worth(voice, lang) {
  const fits = /-(tw|hant)/.test(tag(voice)) === lang.startsWith("zh-Hant");
  return 4 * fits + 2 * !TOY.test(voice.name) + voice.localService;
}

// The best voice for a text; undefined where there is none that works now.
function voiceFor(lang = "zh-Hans") {
  const works = (voice) => MANDARIN.test(tag(voice)) && (voice.localService || navigator.onLine);
  const voices = (speech?.getVoices() ?? []).filter(works);
  return voices.sort((one, other) => worth(other, lang) - worth(one, lang))[0];
}

// Return where a word's sound comes from: "voice", "recording", or null where there is none.
export function source({ text, lang, urls = [], ambiguous = false }) {
  const voice = text && voiceFor(lang);
  if (urls.length && (ambiguous || !voice)) return "recording";
  return voice ? "voice" : null;
}

export const canPlay = (word) => source(word) !== null;

// Call back now, and whenever it may have changed what can be played: browsers tell their voices late.
export function onReady(callback) {
  speech?.addEventListener("voiceschanged", callback);
  window.addEventListener("online", callback);
  window.addEventListener("offline", callback);
  callback();
}

// ---- Playing

let playing = new AbortController();

export function stop() {
  playing.abort();
}

// Play a word instead of what is playing; return whether it was heard to its end.
export async function play(word) {
  stop();
  const { signal } = (playing = new AbortController());
  const { text, lang, urls = [], rate = 1 } = word;
  const from = source(word);
  try {
    if (from === "voice" && (await speak(text, voiceFor(lang), rate, signal))) return true;
    return urls.length > 0 && (await hear(urls, rate, signal));
  } catch {
    return false;
  }
}

let cancelledAt = -CANCELS_WITHIN;

function cancelSpeech() {
  speech.cancel();
  cancelledAt = performance.now();
}

function speak(text, voice, rate, signal) {
  return new Promise((resolve) => {
    const utterance = new SpeechSynthesisUtterance(text);
    // Android wants the language besides the voice.
    Object.assign(utterance, { voice, lang: voice.lang, rate });
    let timer;
    const done = (said) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
      resolve(said);
    };
    const giveUp = () => {
      done(false);
      cancelSpeech();
    };
    const begin = () => {
      timer = setTimeout(giveUp, STARTS_WITHIN);
      speech.speak(utterance);
    };
    utterance.onstart = () => {
      clearTimeout(timer);
      // Chrome forgets to tell the end now and then.
      timer = setTimeout(() => done(true), STARTS_WITHIN + (1000 * text.length) / rate);
    };
    utterance.onend = () => done(true);
    utterance.onerror = () => done(false);
    signal.addEventListener("abort", giveUp);
    const wait = cancelledAt + CANCELS_WITHIN - performance.now();
    if (wait > 0) timer = setTimeout(begin, wait);
    else begin();
  });
}

// One for all: a phone that has let it play after a tap lets it play again without one.
const audio = new Audio();

async function hear(urls, rate, signal) {
  for (const url of urls) {
    if (signal.aborted || !(await hearOne(url, rate, signal))) return false;
  }
  return true;
}

function hearOne(url, rate, signal) {
  return new Promise((resolve) => {
    const over = new AbortController();
    const done = (heard) => {
      over.abort();
      resolve(heard);
    };
    const on = (target, event, act) => target.addEventListener(event, act, { signal: over.signal });
    on(audio, "ended", () => done(true));
    on(audio, "error", () => done(false));
    on(signal, "abort", () => {
      audio.pause();
      done(false);
    });
    audio.src = url;
    audio.playbackRate = rate;
    // Refused without a tap, or not to be had.
    audio.play().catch(() => done(false));
  });
}

// ---- Buttons

const wordOf = ({ dataset: { text, lang, sounds = "", ambiguous } }) => ({
  text, lang, urls: sounds.split(" ").filter(Boolean), ambiguous: ambiguous !== undefined,
});

function show(button) {
  const from = source(wordOf(button));
  button.hidden = from === null;
  if (from === "voice") button.title = "Computer voice";
  else button.removeAttribute("title");
}

// Show those buttons to play within a root that have something to play, and hide the others.
export function prepare(root) {
  root.querySelectorAll("button.play").forEach(show);
}

async function press(button) {
  if (button.getAttribute("aria-pressed") === "true") return stop();
  const failed = button.querySelector(".play-failed");
  failed.hidden = true;
  button.setAttribute("aria-pressed", "true");
  const heard = play(wordOf(button));
  const { signal } = playing;
  failed.hidden = (await heard) || signal.aborted;
  button.setAttribute("aria-pressed", "false");
}

document.addEventListener("click", ({ target }) => {
  const button = target.closest?.("button.play");
  if (button) press(button);
});
onReady(() => prepare(document));
