// Says what can be studied without a network, and what waits to be sent.
import { openStore } from "./store.js";

const store = await openStore();
const waiting = (await store.all("outbox")).filter((message) => message.act).length;
if (waiting) {
  const line = document.getElementById("waiting");
  line.hidden = false;
  line.textContent = `${waiting} answer${waiting === 1 ? " is" : "s are"} kept on this device and will be sent when you are online.`;
}

const packs = await store.all("packs");
for (const state of (await store.all("states")).sort((one, other) => other.made_at - one.made_at)) {
  const left = state.items.length + state.learning.length;
  const pack = packs.find((each) => each.session === state.session);
  if (!left || !pack) continue;
  document.getElementById("kept").hidden = false;
  document.getElementById("nothing").hidden = true;
  const item = document.createElement("li");
  const link = Object.assign(document.createElement("a"), { href: `/study/session/${state.session}/`, textContent: pack.title });
  item.append(link, ` ${left} word${left === 1 ? "" : "s"}`);
  document.querySelector(".kept").append(item);
}

window.addEventListener("online", () => location.reload());
