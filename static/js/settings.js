// The slider beside the share to remember, and what that share costs, while it moves; and a word as it will look.
const number = document.getElementById("id_desired_retention");
const slider = document.getElementById("retention-slider");

const between = (before, after, part) => before + (after - before) * part;

// The table has the figures, the drawings' lines have a point for each row of it.
function show() {
  const rows = [...document.querySelectorAll("#curve-figures tbody tr")].map(({ dataset }) => ({
    retention: Number(dataset.retention), minutes: Number(dataset.minutes), known: Number(dataset.known),
  }));
  const wished = Number(number.value);
  const after = rows.findIndex((row) => wished <= row.retention);
  if (after < 0 || wished < rows[0].retention) return;
  const [left, right] = after ? [after - 1, after] : [0, 1];
  const part = (wished - rows[left].retention) / (rows[right].retention - rows[left].retention);
  const says = document.getElementById("curve-says");
  says.querySelector(".wished").textContent = `${Math.round(100 * wished)} %`;
  says.querySelector(".minutes").textContent = Math.round(between(rows[left].minutes, rows[right].minutes, part));
  says.querySelector(".known").textContent = Math.round(between(rows[left].known, rows[right].known, part));
  for (const chart of document.querySelectorAll("#curve .chart")) {
    const { points } = chart.querySelector(".chart-line");
    const x = between(points[left].x, points[right].x, part);
    const wish = chart.querySelector(".chart-wish");
    wish.setAttribute("x1", x);
    wish.setAttribute("x2", x);
    const dot = chart.querySelector(".chart-dot");
    dot.setAttribute("cx", x);
    dot.setAttribute("cy", between(points[left].y, points[right].y, part));
  }
}

slider.value = number.value;
slider.hidden = false;
slider.addEventListener("input", () => {
  number.value = slider.value;
  show();
});
number.addEventListener("input", () => {
  slider.value = number.value;
  show();
});
document.addEventListener("htmx:afterSettle", show);

// The preview holds the word in every way; its classes, the same that a page of the learner's gets, choose among them.
const form = number.form;
const preview = document.getElementById("preview");

function look() {
  const chosen = new FormData(form);
  preview.className = [
    "preview",
    `script-${chosen.get("script")}`,
    chosen.has("both_scripts") ? "both-scripts" : "one-script",
    `font-${chosen.get("hanzi_font")}`,
    `phonetic-${chosen.get("phonetic")}`,
    chosen.has("tone_change") ? "spoken" : "cited",
    `tones-${chosen.get("tone_colours")}`,
    `tones-on-${chosen.get("tone_colours_on")}`,
    `hsk-${chosen.get("hsk_standard").replace(".", "")}`,
  ].join(" ");
}

form.addEventListener("change", look);
// What the browser has filled in again, on the way back to the page or after an error, counts too.
window.addEventListener("pageshow", look);
