// The preview follows a changed choice by itself, in place. Without this, "Look again" does it.

const look = document.querySelector("#settle [name=look]");

look.hidden = true;

// A choice that can't be is answered with 400 and says why on the page.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 400) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});
