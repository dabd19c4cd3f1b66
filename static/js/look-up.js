// The list of words: after "Show more" the keyboard goes on from the first word that came.
let last = null;

document.addEventListener("htmx:beforeRequest", ({ target }) => {
  last = target.closest(".more")?.previousElementSibling ?? null;
});

document.addEventListener("htmx:afterSettle", () => {
  last?.nextElementSibling?.querySelector("a")?.focus({ preventScroll: true });
  last = null;
});
