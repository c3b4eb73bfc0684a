// Notifications of the browser about jobs that ended and plans that wait, for those who allowed them.
(function () {
  "use strict";
  var STORED = "notices", KEPT = 100;
  if (!("Notification" in window)) { return; }

  function shownBefore() {
    try { return JSON.parse(localStorage.getItem(STORED)) || []; } catch (error) { return []; }
  }
  function show() {
    if (Notification.permission !== "granted") { return; }
    var before = shownBefore(), items = document.querySelectorAll("[data-notice]");
    items.forEach(function (item) {
      var id = item.getAttribute("data-notice");
      if (before.indexOf(id) >= 0) { return; }
      before.push(id);
      var notice = new Notification("Matricula", { body: item.getAttribute("data-text"), tag: id });
      notice.onclick = function () { window.focus(); location.assign(item.getAttribute("data-address")); };
    });
    localStorage.setItem(STORED, JSON.stringify(before.slice(-KEPT)));
  }
  function offer() {
    document.querySelectorAll("[data-allow-notices]").forEach(function (button) {
      button.hidden = Notification.permission !== "default";
    });
  }
  document.addEventListener("click", function (event) {
    if (event.target.hasAttribute && event.target.hasAttribute("data-allow-notices")) {
      Notification.requestPermission().then(offer);
    }
  });
  document.addEventListener("DOMContentLoaded", offer);
  document.addEventListener("htmx:afterSettle", show);
})();
