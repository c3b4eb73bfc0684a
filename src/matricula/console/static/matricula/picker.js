// Fields in which matches are picked (role combobox): htmx brings the matches, the keyboard and the pointer pick one.
(function () {
  "use strict";
  function listOf(field) { return document.getElementById(field.getAttribute("aria-controls")); }
  function options(field) { return listOf(field).querySelectorAll("[role=option]:not([aria-disabled])"); }
  function fieldOf(list) { return list.parentNode.querySelector("[role=combobox]"); }

  function show(field, isOpen) {
    listOf(field).hidden = !isOpen;
    field.setAttribute("aria-expanded", isOpen ? "true" : "false");
    if (!isOpen) { mark(field, null); }
  }
  function marked(field) { return listOf(field).querySelector("[aria-selected=true]"); }
  function mark(field, option) {
    var before = marked(field);
    if (before) { before.setAttribute("aria-selected", "false"); }
    if (option) {
      option.setAttribute("aria-selected", "true");
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else {
      field.removeAttribute("aria-activedescendant");
    }
  }
  function pick(field, option) {
    field.value = option.dataset.value;
    show(field, false);
    // what was offered for other words is gone with them
    var offered = field.parentNode.querySelector(".offered");
    if (offered) { offered.remove(); }
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
  function move(field, by) {
    var all = Array.prototype.slice.call(options(field));
    if (!all.length) { return; }
    show(field, true);
    var at = all.indexOf(marked(field)) + by;
    mark(field, all[at < 0 ? all.length - 1 : at % all.length]);
  }

  document.addEventListener("htmx:afterSwap", function (event) {
    var list = event.target;
    if (!list.classList || !list.classList.contains("matches")) { return; }
    var field = fieldOf(list);
    // answers that come after the field was left stay hidden
    show(field, document.activeElement === field && field.value.trim() !== "");
  });
  document.addEventListener("keydown", function (event) {
    var field = event.target;
    if (!field.matches || !field.matches("[role=combobox][aria-controls$='-matches']")) { return; }
    var isOpen = field.getAttribute("aria-expanded") === "true", option = marked(field);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      move(field, event.key === "ArrowDown" ? 1 : (option ? -1 : 0));
    } else if (event.key === "Enter" && isOpen && option) {
      event.preventDefault();
      pick(field, option);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      show(field, false);
    }
  });
  // before the field loses the focus
  document.addEventListener("mousedown", function (event) {
    var option = event.target.closest(".matches [role=option]:not([aria-disabled])");
    if (!option) { return; }
    event.preventDefault();
    pick(fieldOf(option.parentNode), option);
  });
  document.addEventListener("focusout", function (event) {
    var field = event.target;
    if (field.matches && field.matches("[role=combobox][aria-controls$='-matches']")) { show(field, false); }
  });
})();
