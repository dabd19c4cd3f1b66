// What the study page keeps on the device, in IndexedDB: the cards of a session ("packs"), how far it has come
// ("states") and what the server has not acknowledged yet ("outbox"). Where there is no IndexedDB, as in some private
// windows, the same lives in memory as long as the page.

const NAME = "flashcards";
const VERSION = 1;

function opened() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("packs", { keyPath: "session" });
      request.result.createObjectStore("states", { keyPath: "session" });
      request.result.createObjectStore("outbox", { keyPath: "number", autoIncrement: true });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}

class Kept {
  constructor(database) {
    this.database = database;
    // Another tab brings a newer version: it must not wait for this one.
    database.onversionchange = () => database.close();
  }

  // Run an act on some stores in one transaction; what it returns is a request or nothing. Resolves once it is on disk.
  run(stores, mode, act) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(stores, mode, { durability: "strict" });
      const request = act(...stores.map((name) => transaction.objectStore(name)));
      transaction.oncomplete = () => resolve(request?.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }

  get(store, key) {
    return this.run([store], "readonly", (rows) => rows.get(key));
  }

  all(store) {
    return this.run([store], "readonly", (rows) => rows.getAll());
  }

  put(store, value) {
    return this.run([store], "readwrite", (rows) => rows.put(value));
  }

  delete(store, ...keys) {
    return this.run([store], "readwrite", (rows) => {
      for (const key of keys) rows.delete(key);
    });
  }

  // Mark messages as tried, and return those that are still there: nobody drops one that may have been sent.
  async claim(numbers) {
    const there = [];
    await this.run(["outbox"], "readwrite", (outbox) => {
      for (const number of numbers) {
        outbox.get(number).onsuccess = ({ target: { result } }) => {
          if (!result) return;
          there.push(number);
          if (!result.tried) outbox.put({ ...result, tried: true });
        };
      }
    });
    return there;
  }

  // Drop a message that nobody has tried to send, keep a state, and return whether there was one.
  async dropUntried(number, state) {
    let dropped = false;
    await this.run(["outbox", "states"], "readwrite", (outbox, states) => {
      outbox.get(number).onsuccess = ({ target: { result } }) => {
        if (!result || result.tried) return;
        dropped = true;
        outbox.delete(number);
        states.put(state);
      };
    });
    return dropped;
  }

  // Keep something to be sent together with the state that follows from it: both or neither.
  record(message, state) {
    return this.run(["outbox", "states"], "readwrite", (outbox, states) => {
      states.put(state);
      return outbox.add(message);
    });
  }
}

class InMemory {
  constructor() {
    this.stores = { packs: new Map(), states: new Map(), outbox: new Map() };
    this.number = 0;
  }

  async get(store, key) {
    return this.stores[store].get(key);
  }

  async all(store) {
    return [...this.stores[store].values()];
  }

  async put(store, value) {
    const key = store === "outbox" ? (value.number ??= ++this.number) : value.session;
    this.stores[store].set(key, structuredClone(value));
    return key;
  }

  async delete(store, ...keys) {
    for (const key of keys) this.stores[store].delete(key);
  }

  async record(message, state) {
    await this.put("states", state);
    return this.put("outbox", { ...message });
  }

  async claim(numbers) {
    const there = numbers.filter((number) => this.stores.outbox.has(number));
    for (const number of there) this.stores.outbox.get(number).tried = true;
    return there;
  }

  async dropUntried(number, state) {
    if (!this.stores.outbox.has(number) || this.stores.outbox.get(number).tried) return false;
    this.stores.outbox.delete(number);
    await this.put("states", state);
    return true;
  }
}

// Return the device's store, the same for every caller of a page.
let store;
export function openStore() {
  store ??= opened().then((database) => new Kept(database), () => new InMemory());
  return store;
}
