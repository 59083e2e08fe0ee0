// Follows a brand's alerts: <section data-live="URL" data-after="NUMBER">. New rows come in at the top; while the list is being read
// (the pointer or the focus is in it) or paused they wait behind a button, so that nothing moves under the reader.
(function () {
  "use strict";

  var section = document.querySelector("[data-live]");
  if (!section || !window.EventSource) return;
  var find = function (name) { return section.querySelector("[" + name + "]"); };
  var list = find("data-live-list"), template = find("data-live-row"), show = find("data-live-show");
  var state = find("data-live-state"), word = find("data-live-word"), last = find("data-live-last");
  var pause = find("data-live-pause"), said = find("data-live-said"), empty = find("data-live-empty");
  var words = JSON.parse(section.dataset.words);
  var after = Number(section.dataset.after);
  var held = [], paused = false, source = null, lostAt = 0, again = 0;

  function say(name, text) {
    state.dataset.liveState = name;
    if (word.textContent !== text) word.textContent = text;
  }

  function clock(at) {
    return at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  }

  function fill(row, alert) {
    var set = function (name, text) { row.querySelector("[" + name + "]").textContent = text; };
    var title = words.titles[alert.type] || alert.type;
    var product = alert.productName || alert.productId;
    row.dataset.alert = alert.id;
    set("data-title", title);
    set("data-details", alert.details);
    severe(row, alert.severity);
    var link = row.querySelector("[data-product]");
    link.textContent = product;
    link.setAttribute("href", "/product/" + encodeURIComponent(alert.productId));
    var place = [alert.city, alert.country].filter(Boolean).join(", ");
    set("data-place", place);
    row.querySelector("[data-place]").hidden = !place;
    var time = row.querySelector("time");
    time.setAttribute("datetime", alert.timestamp);
    row.querySelector("[data-id]").value = alert.id;
    set("data-of", ": " + title + ", " + product);
  }

  function severe(row, severity) {
    var colour = words.colours[severity] || "info";
    row.className = "alert " + colour;
    row.querySelector("[data-severity] .badge").className = "badge " + colour;
    row.querySelector("[data-word]").textContent = severity.charAt(0).toUpperCase() + severity.slice(1);
  }

  function isRead() {
    return paused || list.matches(":hover") || list.contains(document.activeElement);
  }

  function add(alert) {
    var row = template.content.firstElementChild.cloneNode(true);
    fill(row, alert);
    row.classList.add("new");
    list.prepend(row);
    empty.hidden = true;
    row.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true }));
    while (list.children.length > Number(section.dataset.rows)) list.lastElementChild.remove();
  }

  function release() {
    held.splice(0).forEach(add);
    show.hidden = true;
  }

  function onNumbers(event) {
    var numbers = JSON.parse(event.data);
    document.querySelectorAll("[data-live-number]").forEach(function (figure) {
      var number = numbers[figure.dataset.liveNumber];
      if (number !== undefined) figure.textContent = String(number).replace(/\B(?=(\d{3})+$)/g, "\u2009");
    });
  }

  function onThreat(event) {
    var number = Number(event.lastEventId);
    // What was told before is not told twice, whatever happened to the connection.
    if (!(number > after)) return;
    after = number;
    var alert = JSON.parse(event.data);
    // Raised while this page was made: it is in the list, and after the number that the page was given.
    var has = function (known) { return (known.dataset ? known.dataset.alert : known.id) === alert.id; };
    if (held.some(has) || Array.prototype.some.call(list.children, has)) return;
    last.textContent = "last alert " + clock(new Date());
    said.textContent = "New alert: " + (words.titles[alert.type] || alert.type);
    if (isRead()) {
      held.push(alert);
      show.hidden = false;
      show.textContent = held.length === 1 ? "Show 1 new alert" : "Show " + held.length + " new alerts";
    } else {
      release();
      add(alert);
    }
  }

  function onVerdict(event) {
    var verdict = JSON.parse(event.data);
    held.forEach(function (alert) {
      if (alert.id === verdict.id) { alert.details = verdict.details; alert.severity = verdict.severity; }
    });
    list.querySelectorAll("[data-alert]").forEach(function (row) {
      if (row.dataset.alert !== verdict.id || row.classList.contains("done")) return;
      row.querySelector("[data-details]").textContent = verdict.details;
      severe(row, verdict.severity);
    });
  }

  function onConnected() {
    again = 0;
    say(paused ? "paused" : "live", paused ? "Paused" : "Live");
    if (lostAt) {
      var seconds = Math.max(1, Math.round((Date.now() - lostAt) / 1000));
      last.textContent = "back after " + seconds + " s, nothing was missed";
      lostAt = 0;
    }
  }

  function onError() {
    if (!lostAt) lostAt = Date.now();
    say("lost", "Reconnecting");
    // A browser gives up when the server answers with an error; then it is tried again from where it was.
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(connect, Math.min(30000, 1000 * Math.pow(2, again++)));
    }
  }

  function connect() {
    source = new EventSource(section.dataset.live + "&after=" + after);
    source.addEventListener("connected", onConnected);
    source.addEventListener("threat", onThreat);
    source.addEventListener("verdict", onVerdict);
    source.addEventListener("numbers", onNumbers);
    source.addEventListener("error", onError);
  }

  pause.addEventListener("click", function () {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    pause.textContent = paused ? "Go on" : "Pause";
    if (source && source.readyState === EventSource.OPEN) say(paused ? "paused" : "live", paused ? "Paused" : "Live");
    if (!paused) release();
  });
  show.addEventListener("click", function () { release(); });
  list.addEventListener("mouseleave", function () { if (!isRead()) release(); });
  addEventListener("pagehide", function () { source.close(); });
  addEventListener("pageshow", function (event) { if (event.persisted) connect(); });
  connect();
})();
