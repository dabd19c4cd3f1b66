// Sends what was done on this device to the server, in order and until it is acknowledged. Each act has an id of its
// own, so that one that is sent twice is recorded once; what is not acknowledged stays in the store.
import { openStore } from "./store.js";

const ACTS = "/api/study/interactions";
const MOST = 100; // at a time
const TIMEOUT = 20_000;
const FIRST_WAIT = 1000;
const LONGEST_WAIT = 60_000;
const LONGEST_ASKED = 3_600_000; // that a server's Retry-After is heeded

let lastTime = 0;

// Return a UUID of version 7: later ones sort behind earlier ones.
export function uuid7(at = Date.now()) {
  lastTime = Math.max(at, lastTime + 1); // never the same millisecond twice
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let place = 0; place < 6; place++) bytes[place] = Math.floor(lastTime / 2 ** (8 * (5 - place))) % 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

class SignedOut extends Error {}

// Return why the server refuses something for good. What is not in its words is somebody else's, such as a proxy's.
async function refusal(response) {
  const why = await response.json();
  if (!why.error_code) throw new Error(`${response.url} answered ${response.status}`);
  return why;
}

// What is told to `onChange`: {state, waiting, loose}, the state being "saved", "sending", "waiting" (the server or the
// way to it is troubled), "offline" or "signed-out", `loose` whether the device didn't take them; to `onRefused` each message that the server won't have, with its
// reason; to `onSent` that all was acknowledged.
export class Outbox {
  constructor(user, token, { onChange = () => {}, onRefused = () => {}, onSent = () => {} } = {}) {
    Object.assign(this, { user, token, onChange, onRefused, onSent });
    this.wait = FIRST_WAIT;
    this.asked = 0; // until when the server wants to be left alone
    this.loose = [];
    this.running = null;
    this.state = "saved"; // what was told last
    this.again = false;
    window.addEventListener("online", () => this.flush());
    window.addEventListener("offline", () => this.tell("offline"));
    document.addEventListener("visibilitychange", () => this.flush());
    window.addEventListener("pageshow", () => this.flush());
  }

  // Return this user's messages, the oldest first.
  async messages() {
    const kept = await (await openStore()).all("outbox").catch(() => []);
    return [...kept, ...this.loose].filter((message) => message.user === this.user);
  }

  async tell(state) {
    this.state = state;
    this.onChange({ state, waiting: (await this.messages()).length, loose: this.loose.length > 0 });
  }

  // Keep an act and the state that follows from it, and send it.
  async add(message, state) {
    // At once: nobody shall read "Saved" below an answer that isn't.
    if (this.state === "saved") this.onChange({ state: "sending", waiting: 1, loose: false });
    const whole = { ...message, user: this.user };
    try {
      await (await openStore()).record(whole, state);
    } catch {
      // The device is full, or takes nothing more: then it lives as long as the page.
      this.loose.push(whole);
    }
    this.flush();
  }

  // Take an act back: one that was never sent is dropped, of another the server is told. The state is kept with it.
  async takeBack(id, state) {
    const undo = { undo: id, user: this.user };
    const loose = this.loose.find(({ act }) => act?.id === id);
    let dropped = Boolean(loose && !loose.tried);
    if (dropped) this.loose = this.loose.filter((message) => message !== loose);
    else if (loose) this.loose.push(undo);
    else dropped = await (await openStore()).withdraw(id, undo, state).catch(() => void this.loose.push(undo));
    if (dropped) await this.tell(this.state);
    else this.flush();
  }

  // Send all that is waiting, and resolve once that is done or has failed; one tab at a time does so.
  flush() {
    if (performance.now() < this.asked) return this.tell("waiting");
    this.again = true;
    this.running ??= this.run();
    return this.running;
  }

  async run() {
    clearTimeout(this.timer);
    try {
      while (this.again) {
        this.again = false;
        await (navigator.locks ? navigator.locks.request("flashcards-outbox", () => this.sendAll()) : this.sendAll());
      }
      this.wait = FIRST_WAIT;
    } catch (trouble) {
      this.later(trouble);
    } finally {
      this.running = null;
    }
  }

  later(trouble) {
    if (trouble instanceof SignedOut) {
      this.tell("signed-out");
      return;
    }
    this.tell(navigator.onLine ? "waiting" : "offline");
    const asked = Math.min(trouble.retryAfter ?? 0, LONGEST_ASKED);
    this.asked = performance.now() + asked;
    this.timer = setTimeout(() => {
      this.asked = 0;
      this.flush();
    }, Math.max(this.wait * (0.75 + Math.random() / 2), asked));
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
  }

  async sendAll() {
    let sent = false;
    for (let messages; (messages = await this.messages()).length; sent = true) {
      await this.tell("sending");
      const undo = messages.findIndex((message) => message.undo);
      if (undo === 0) await this.sendUndo(messages[0]);
      else await this.sendActs(messages.slice(0, undo < 0 ? MOST : Math.min(undo, MOST)));
    }
    await this.tell("saved");
    if (sent) this.onSent();
  }

  async sendActs(all) {
    // From now on nobody knows whether they have come.
    const numbered = all.filter(({ number }) => number);
    const kept = numbered.length ? await (await openStore()).tried(numbered) : [];
    const loose = all.filter((message) => this.loose.includes(message));
    for (const message of loose) message.tried = true;
    const messages = [...kept, ...loose];
    if (!messages.length) return;
    const response = await this.post(ACTS, messages.map((message) => message.act));
    if (!response.ok && messages.length > 1) {
      // One that can't be read stops no other.
      for (const message of messages) await this.sendActs([message]);
      return;
    }
    const results = response.ok ? await response.json() : [{ error: await refusal(response) }];
    if (results.length !== messages.length) throw new Error("That is not an answer to what was sent.");
    await this.drop(...messages);
    results.forEach((result, place) => {
      if (result.error) this.onRefused(messages[place], result.error);
    });
  }

  async sendUndo(message) {
    const response = await this.post(`${ACTS}/${message.undo}/undo`, {});
    const error = response.ok ? (await response.json()).error : await refusal(response);
    await this.drop(message);
    if (error) this.onRefused(message, error);
  }

  async drop(...messages) {
    this.loose = this.loose.filter((message) => !messages.includes(message));
    const numbers = messages.map((message) => message.number).filter(Boolean);
    if (numbers.length) await (await openStore()).delete("outbox", ...numbers);
  }

  // Send JSON and return the reply: an acknowledgement, or a refusal for good. Whatever may be mended throws.
  async post(address, data, again = true) {
    if (!this.token) await this.renew();
    const response = await fetch(address, {
      method: "POST",
      body: JSON.stringify(data),
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.token },
      credentials: "same-origin",
      signal: AbortSignal.timeout(TIMEOUT),
    });
    if (response.status === 403 || response.status === 401) {
      if (!again) throw new SignedOut();
      await this.renew();
      return this.post(address, data, false);
    }
    if (response.status === 429 || response.status === 408 || response.status >= 500) {
      const retryAfter = 1000 * Number(response.headers.get("Retry-After"));
      throw Object.assign(new Error(`${address} answered ${response.status}`), { retryAfter: retryAfter || 0 });
    }
    return response;
  }

  // Who has signed in again since has another token.
  async renew() {
    const response = await fetch("/study/device/", { credentials: "same-origin", signal: AbortSignal.timeout(TIMEOUT) });
    if (!response.ok) throw new Error(`/study/device/ answered ${response.status}`);
    const { user, token } = await response.json();
    if (user !== this.user) throw new SignedOut();
    this.token = token;
  }
}
