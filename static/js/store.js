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
    // Another tab brings a newer version, or the site's data are deleted: neither must wait for this one.
    database.onversionchange = () => {
      database.close();
      store = null;
    };
    database.onclose = () => (store = null);
  }

  // Run an act on some stores in one transaction; what it returns is a request or nothing. Resolves once it is on disk.
  // Where that is all, it is committed at once: else a page that crashes before it hears of its requests takes it along.
  run(stores, mode, act, isAll = true) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(stores, mode, { durability: "strict" });
      const request = act(...stores.map((name) => transaction.objectStore(name)));
      if (isAll) transaction.commit();
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

  // Keep something to be sent together with the state that follows from it: both or neither.
  record(message, state) {
    return this.run(["outbox", "states"], "readwrite", (outbox, states) => {
      states.put(state);
      return outbox.add(message);
    });
  }

  // Keep the cards of a session with how far it has come.
  hold(pack, state) {
    return this.run(["packs", "states"], "readwrite", (packs, states) => {
      packs.put(pack);
      states.put(state);
    });
  }

  // Mark messages as tried, and return those that are still there: one may have been taken back meanwhile.
  async tried(messages) {
    const found = [];
    await this.run(["outbox"], "readwrite", (rows) => {
      for (const { number } of messages) {
        rows.get(number).onsuccess = ({ target: { result: message } }) => {
          if (!message) return;
          found.push({ ...message, tried: true });
          if (!message.tried) rows.put(found.at(-1));
        };
      }
    }, false);
    return found;
  }

  // Drop the message of an act that was never tried, else keep another one; with the state that follows. Returns
  // whether it was dropped.
  async withdraw(id, message, state) {
    let dropped = false;
    await this.run(["outbox", "states"], "readwrite", (rows, states) => {
      states.put(state);
      rows.getAll().onsuccess = ({ target }) => {
        const unsent = target.result.find(({ act, tried }) => act?.id === id && !tried);
        dropped = Boolean(unsent);
        if (dropped) rows.delete(unsent.number);
        else rows.add(message);
      };
    }, false);
    return dropped;
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

  async hold(pack, state) {
    await this.put("packs", pack);
    await this.put("states", state);
  }

  async tried(messages) {
    const found = messages.map(({ number }) => this.stores.outbox.get(number)).filter(Boolean);
    for (const message of found) message.tried = true;
    return found;
  }

  async withdraw(id, message, state) {
    const unsent = [...this.stores.outbox.values()].find(({ act, tried }) => act?.id === id && !tried);
    if (unsent) this.stores.outbox.delete(unsent.number);
    else this.put("outbox", { ...message });
    await this.put("states", state);
    return Boolean(unsent);
  }
}

// Return the device's store, the same for every caller of a page as long as it is open.
let store = null;
export function openStore() {
  store ??= opened().then((database) => new Kept(database), () => new InMemory());
  return store;
}
