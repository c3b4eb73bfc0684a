// Fields with matches below them (role combobox): htmx brings the matches, arrows mark one, Enter or the pointer takes it.
// A match that is a link is opened; another becomes the value of the field. "/" focuses the search.
(function () {
  "use strict";
  var FIELD = "[role=combobox][aria-controls]";
  function listOf(field) { return document.getElementById(field.getAttribute("aria-controls")); }
  function fieldOf(list) { return document.querySelector('[role=combobox][aria-controls="' + list.id + '"]'); }
  function isField(element) { return Boolean(element && element.matches && element.matches(FIELD)); }
  function options(field) {
    return Array.prototype.slice.call(listOf(field).querySelectorAll("[role=option]:not([aria-disabled])"));
  }
  function marked(field) { return listOf(field).querySelector("[role=option][aria-selected=true]"); }

  function mark(field, option) {
    options(field).forEach(function (other) { other.setAttribute("aria-selected", String(other === option)); });
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      field.removeAttribute("aria-activedescendant");
    }
  }
  function show(field, isOpen) {
    listOf(field).hidden = !isOpen;
    field.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) { mark(field, null); }
  }
  function move(field, by) {
    var all = options(field);
    if (!all.length) { return; }
    show(field, true);
    // before the first and behind the last is the field itself
    var place = all.indexOf(marked(field));
    place = place < 0 ? (by > 0 ? 0 : all.length - 1) : place + by;
    mark(field, all[place] || null);
  }
  function take(field, option) {
    if (option.href) { option.click(); return; }
    field.value = option.dataset.value;
    show(field, false);
    // what was offered for other words is gone with them
    var offered = field.parentNode.querySelector(".offered");
    if (offered) { offered.remove(); }
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function writes(element) {
    return Boolean(element.closest && element.closest("input, textarea, select, [contenteditable]"));
  }

  document.addEventListener("keydown", function (event) {
    var field = event.target, search = document.getElementById("search");
    if (event.key === "/" && search && !event.ctrlKey && !event.metaKey && !event.altKey && !writes(field)) {
      event.preventDefault();
      search.focus();
      search.select();
      return;
    }
    if (!isField(field) || event.isComposing) { return; }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(field, event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && marked(field)) {
      event.preventDefault();
      take(field, marked(field));
    } else if (event.key === "Escape" && !listOf(field).hidden) {
      event.preventDefault();
      show(field, false);
    }
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    var list = event.target, field = list.id && list.getAttribute("role") === "listbox" ? fieldOf(list) : null;
    if (!field) { return; }
    // the matches are others now: none of them is marked
    mark(field, null);
    // answers that come after the field was left stay hidden
    show(field, document.activeElement === field && Boolean(list.querySelector("[role=option]")) && field.value.trim() !== "");
  });
  document.addEventListener("focusin", function (event) {
    var all = isField(event.target) ? options(event.target) : [];
    // what was picked before isn't offered again
    if (all.length && all[0].href) { show(event.target, true); }
  });
  document.addEventListener("focusout", function (event) {
    // a click on a match comes behind this
    if (isField(event.target) && !listOf(event.target).contains(event.relatedTarget)) { show(event.target, false); }
  });
  // before the field loses the focus
  document.addEventListener("mousedown", function (event) {
    var list = event.target.closest("[role=listbox]"), field = list && list.id ? fieldOf(list) : null;
    if (!field) { return; }
    event.preventDefault();
    var option = event.target.closest("[role=option]:not([aria-disabled])");
    if (option && !option.href) { take(field, option); }
  });
})();
