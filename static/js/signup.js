// Proposes the browser's time zone, unless the learner has chosen one already.
const select = document.getElementById("id_time_zone");
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const untouched = select.selectedOptions[0]?.defaultSelected;

if (zone && untouched) {
  // The list has today's names; a browser may know the place by an older one, which the server knows too.
  if (![...select.options].some((option) => option.value === zone)) {
    select.add(new Option(zone.replaceAll("_", " "), zone), 0);
  }
  select.value = zone;
}
