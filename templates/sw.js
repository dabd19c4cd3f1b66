{% autoescape off %}// Lets the study page work without a network: our own assets, the page itself, strokes and sounds are kept on the device.
// What was answered is kept by the page (outbox.js), not here.
const VERSION = "{{ version }}";
const ASSETS = {{ assets }};{% endautoescape %}
const STATIC = `static-${VERSION}`;
const PAGES = "pages"; // of one learner: app.js empties it for another
const MEDIA = "media";
const OFFLINE = "/offline/";
const SLOW = 4000;
const MOST_PAGES = 5;
const AT_ONCE = 4;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(STATIC).then((cache) => cache.addAll([...ASSETS, OFFLINE])));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("static-") && name !== STATIC).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});

self.addEventListener("message", (event) => {
  if (event.data.keep) event.waitUntil(Promise.all([keep(event.data.keep), keepPage(event.data.page)]));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (pathname.startsWith("/static/")) event.respondWith(kept(STATIC, request));
  else if (/^\/(strokes|audio)\//.test(pathname)) event.respondWith(media(request));
  else if (request.mode === "navigate") event.respondWith(page(request, pathname));
});

async function kept(name, request) {
  const found = await caches.match(request);
  if (found) return found;
  const response = await fetch(request);
  if (response.status === 200) (await caches.open(name)).put(request, response.clone());
  return response;
}

async function media(request) {
  const range = request.headers.get("Range");
  const found = await caches.match(request.url, { cacheName: MEDIA });
  if (found) return range ? part(found, range) : found;
  return range ? fetch(request) : kept(MEDIA, request);
}

// Return the part of a recording that was asked for.
async function part(response, range) {
  const data = await response.blob();
  const [, from, to] = range.match(/^bytes=(\d+)-(\d*)$/) ?? [];
  const [start, end] = [Number(from), to ? Math.min(Number(to), data.size - 1) : data.size - 1];
  if (from === undefined || start > end) return new Response(data, { headers: response.headers });
  const headers = { "Content-Type": response.headers.get("Content-Type"), "Content-Range": `bytes ${start}-${end}/${data.size}` };
  return new Response(data.slice(start, end + 1), { status: 206, headers });
}

// The page from the server, and, where that takes long or fails, as it was the last time.
async function page(request, pathname) {
  const studied = /^\/study\/session\/[^/]+\/$/.test(pathname);
  const cache = await caches.open(PAGES);
  const before = studied ? await cache.match(request.url) : undefined;
  const fresh = fetch(request).then((response) => {
    if (studied && response.status === 200 && !response.redirected) cache.put(request.url, response.clone()).then(() => trim(cache));
    return response;
  });
  const late = before ? new Promise((resolve) => setTimeout(resolve, SLOW, null)) : fresh;
  try {
    const response = await Promise.race([fresh, late]);
    return before && (!response || response.status >= 502) ? marked(before) : response;
  } catch {
    return before ? marked(before) : caches.match(OFFLINE);
  }
}

// Return a kept page that says so: its cards and its time are not of this moment.
async function marked(response) {
  const text = await response.text();
  return new Response(text.replace("<body ", "<body data-kept "), { headers: response.headers });
}

// The first page of a visit comes before there is a service worker.
async function keepPage(address) {
  const cache = await caches.open(PAGES);
  if (await cache.match(address)) return;
  const response = await fetch(address).catch(() => null);
  if (response?.status === 200 && !response.redirected) await cache.put(address, response);
}

async function trim(cache) {
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, -MOST_PAGES).map((key) => cache.delete(key)));
}

// Fetch what the next cards take, a few at a time.
async function keep(addresses) {
  const cache = await caches.open(MEDIA);
  const left = [...addresses];
  const worker = async () => {
    for (let address; (address = left.shift());) {
      if (await cache.match(address)) continue;
      const response = await fetch(address).catch(() => null);
      if (response?.status === 200) await cache.put(address, response);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
