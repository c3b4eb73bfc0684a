// What the server can't know or the browser must do: the reader's zone, files dropped, rows selected.
(function () {
  "use strict";
  var zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && document.cookie.indexOf("timezone=" + zone) < 0) {
    document.cookie = "timezone=" + zone + "; path=/; max-age=31536000; SameSite=Lax";
  }

  function drops(event) {
    return event.target.closest ? event.target.closest(".drop") : null;
  }
  ["dragenter", "dragover"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      var drop = drops(event);
      if (drop) { event.preventDefault(); drop.classList.add("over"); }
    });
  });
  document.addEventListener("dragleave", function (event) {
    var drop = drops(event);
    if (drop) { drop.classList.remove("over"); }
  });
  document.addEventListener("drop", function (event) {
    var drop = drops(event);
    if (!drop || !event.dataTransfer.files.length) { return; }
    event.preventDefault();
    drop.classList.remove("over");
    drop.querySelector("input[type=file]").files = event.dataTransfer.files;
  });

  // a box in the head of a table selects all rows shown, one below it all that match, also on other pages; buttons that
  // need a selection say so
  function count(form) {
    var all = form.querySelector("input[data-matching]"), every = !!all && all.checked;
    var chosen = form.querySelectorAll("input[name=who]:checked").length;
    form.querySelectorAll("input[name=who], input[data-all]").forEach(function (box) { box.disabled = every; });
    form.querySelectorAll("[data-needs-selection]").forEach(function (button) { button.disabled = !chosen && !every; });
    form.querySelectorAll("[data-selected]").forEach(function (place) {
      place.textContent = every ? all.getAttribute("data-matching") : chosen;
    });
  }
  document.addEventListener("change", function (event) {
    var box = event.target;
    if (!box.form || box.type !== "checkbox") { return; }
    if (box.hasAttribute("data-all")) {
      box.form.querySelectorAll("input[name=who]").forEach(function (other) { other.checked = box.checked; });
    }
    if (box.name === "who" || box.hasAttribute("data-all") || box.hasAttribute("data-matching")) { count(box.form); }
  });
  // A page that is being reloaded sends no further requests: each answer would start the reload again, without end.
  var leaves = false;
  document.addEventListener("htmx:beforeOnLoad", function (event) {
    var answer = event.detail.xhr;
    if (leaves) { event.preventDefault(); }
    leaves = leaves || !!(answer.getResponseHeader("HX-Refresh") || answer.getResponseHeader("HX-Redirect"));
  });
  document.addEventListener("htmx:beforeRequest", function (event) { if (leaves) { event.preventDefault(); } });
  window.addEventListener("pageshow", function () { leaves = false; });
  // What was typed into a search has been looked for while it was typed. Leaving its field must not load the table
  // again: the row on which was just clicked would be selected no longer.
  document.addEventListener("change", function (event) {
    var field = event.target;
    if (field.type === "search" && field.form && field.form.hasAttribute("hx-trigger")) { event.stopPropagation(); }
  }, true);
  // what was typed beside a part of the page that is loaded again stays
  var kept = {};
  document.addEventListener("htmx:beforeSwap", function () {
    document.querySelectorAll("[data-keep]").forEach(function (field) {
      kept[field.id] = field.type === "checkbox" ? field.checked : field.value;
    });
  });
  document.addEventListener("htmx:afterSwap", function () {
    document.querySelectorAll("[data-keep]").forEach(function (field) {
      if (!(field.id in kept)) { return; }
      if (field.type === "checkbox") { field.checked = kept[field.id]; } else { field.value = kept[field.id]; }
    });
    kept = {};
  });
  function countAll() {
    document.querySelectorAll("[data-needs-selection]").forEach(function (button) {
      if (button.form) { count(button.form); }
    });
  }
  document.addEventListener("DOMContentLoaded", countAll);
  document.addEventListener("htmx:afterSwap", countAll);
})();
