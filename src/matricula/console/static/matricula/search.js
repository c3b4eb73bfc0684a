// The search field: "/" focuses it; arrows choose among the suggestions below it, Enter opens the chosen one.
(function () {
  "use strict";
  function field() { return document.getElementById("search"); }
  function list() { return document.getElementById("suggestions"); }
  function options() { return Array.prototype.slice.call(list().querySelectorAll("[role=option]")); }

  function choose(option) {
    options().forEach(function (other) { other.setAttribute("aria-selected", String(other === option)); });
    if (option) {
      field().setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      field().removeAttribute("aria-activedescendant");
    }
  }
  function show(open) {
    list().hidden = !open;
    field().setAttribute("aria-expanded", String(open));
    if (!open) { choose(null); }
  }
  function chosen() {
    var id = field().getAttribute("aria-activedescendant");
    return id ? document.getElementById(id) : null;
  }
  function move(by) {
    var all = options();
    if (!all.length) { return; }
    show(true);
    var place = all.indexOf(chosen());
    // before the first and behind the last is the field itself
    place = place < 0 ? (by > 0 ? 0 : all.length - 1) : place + by;
    choose(all[place] || null);
  }

  document.addEventListener("keydown", function (event) {
    var input = field();
    if (!input) { return; }
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !writes(event.target)) {
      event.preventDefault();
      input.focus();
      input.select();
      return;
    }
    if (event.target !== input || event.isComposing) { return; }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && chosen()) {
      event.preventDefault();
      chosen().click();
    } else if (event.key === "Escape" && !list().hidden) {
      event.preventDefault();
      show(false);
    }
  });
  function writes(element) {
    return Boolean(element.closest && element.closest("input, textarea, select, [contenteditable]"));
  }
  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.target === list()) { show(document.activeElement === field() && options().length > 0); }
  });
  document.addEventListener("focusin", function (event) {
    if (event.target === field() && options().length) { show(true); }
  });
  document.addEventListener("focusout", function (event) {
    // a click on a suggestion comes behind this
    if (event.target === field() && !list().contains(event.relatedTarget)) { show(false); }
  });
  document.addEventListener("mousedown", function (event) {
    if (field() && list().contains(event.target)) { event.preventDefault(); }
  });
})();
