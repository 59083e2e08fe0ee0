// Small behaviours of pages that all work without this script.
(function () {
  "use strict";

  // <button data-copy="text"> or <button data-copy-url>: copies and says so.
  async function copy(button) {
    var text = button.hasAttribute("data-copy-url") ? location.href : button.dataset.copy;
    var label = button.querySelector("[data-label]") || button;
    var before = label.textContent;
    try {
      await navigator.clipboard.writeText(text);
      label.textContent = "Copied";
    } catch (error) {
      label.textContent = "Press Ctrl+C";
      select(text, button);
    }
    setTimeout(function () { label.textContent = before; }, 2000);
  }

  // Where the clipboard is closed to pages (plain HTTP), the text is selected for the reader to copy.
  function select(text, button) {
    var field = document.createElement("input");
    field.readOnly = true;
    field.value = text;
    field.setAttribute("aria-label", "Text to copy");
    button.after(field);
    field.select();
    field.addEventListener("blur", function () { field.remove(); });
  }

  document.addEventListener("click", function (event) {
    var target = event.target.closest ? event.target : null;
    var button = target && target.closest("[data-copy],[data-copy-url]");
    if (button) copy(button);
    if (target && target.closest("[data-print]")) print();
  });

  // <form data-needs="name">: the button is off while the field is empty.
  function need(form) {
    var field = form.elements[form.dataset.needs];
    var button = form.querySelector("button[type=submit],button:not([type])");
    if (!field || !button) return;
    function update() { button.disabled = field.value.trim() === ""; }
    field.addEventListener("input", update);
    update();
  }

  // A form is sent once; leaving one with changes asks.
  var changed = new Set();
  function guard(form) {
    form.addEventListener("submit", function (event) {
      if (form.dataset.sent) return event.preventDefault();
      form.dataset.sent = "yes";
      changed.delete(form);
      var button = event.submitter;
      if (button) button.setAttribute("aria-disabled", "true");
    });
    if (form.hasAttribute("data-ask-before-leaving")) {
      form.addEventListener("input", function () { changed.add(form); });
    }
  }
  addEventListener("beforeunload", function (event) { if (changed.size) event.preventDefault(); });
  // Back in the browser may show this very page again.
  addEventListener("pageshow", function () {
    document.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled]").forEach(function (b) { b.removeAttribute("aria-disabled"); });
    });
    document.querySelectorAll("form[data-needs]").forEach(need);
  });

  // Times are written in UTC; here they become local, with the zone on hover.
  function localise(root) {
    root.querySelectorAll("time[datetime]").forEach(function (time) {
      var at = new Date(time.getAttribute("datetime"));
      if (isNaN(at)) return;
      var day = { day: "numeric", month: "short", year: "numeric" };
      var minute = Object.assign({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, day);
      time.textContent = at.toLocaleString("en-GB", time.hasAttribute("data-day") ? day : minute);
      time.title = at.toLocaleString("en-GB", Object.assign({ second: "2-digit", timeZoneName: "long" }, minute));
    });
  }

  function start() {
    document.querySelectorAll("form").forEach(guard);
    document.querySelectorAll("form[data-needs]").forEach(need);
    localise(document);
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
  document.addEventListener("htmx:load", function (event) { localise(event.target); });
})();
