// On every page: the service worker, what waits to be sent, and nobody else's cards on this device.
import { Outbox } from "./outbox.js";
import { openStore } from "./store.js";

const { user } = document.body.dataset;

// Whoever else signed in here, or signed out, leaves their cards behind no longer; what they did stays until it is sent.
async function tidy() {
  const store = await openStore();
  const strangers = (await store.all("states")).filter((state) => state.user !== user);
  if (!strangers.length) return;
  for (const name of ["packs", "states"]) await store.delete(name, ...strangers.map((state) => state.session));
  await caches.delete("pages");
}

async function send() {
  const outbox = new Outbox(user, "");
  if (!(await outbox.messages()).length) return;
  await outbox.renew();
  await outbox.flush();
}

if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
if (user !== undefined) tidy().catch(() => {});
// The study page has an outbox of its own.
if (user && !document.getElementById("pack")) send().catch(() => {});
