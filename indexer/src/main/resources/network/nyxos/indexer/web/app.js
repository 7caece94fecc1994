import { get, live } from "./api.js";
import { h } from "./dom.js";
import { beginView, route, statusTiles } from "./views.js";

const main = document.getElementById("main");
const pill = document.getElementById("live");
const notice = document.getElementById("notice");

let status = null;
let drawing = 0;
let queued = null;

function showStatus(next) {
  status = next;
  const tiles = document.getElementById("tiles");
  if (tiles) tiles.replaceChildren(statusTiles(status));
  const words = [];
  if (status.error) words.push(status.error.message);
  if (status.attestation === "development") words.push("Development network: nodes' attestations are signed under a development root, which proves the protocol and not the hardware.");
  notice.className = status.error ? "notice bad" : "notice";
  notice.textContent = words.join(" ");
  notice.hidden = words.length === 0;
}

/** Draws the view that the address names. A slower, older drawing never replaces a newer one; a failed one says why in place. */
async function draw() {
  const mine = ++drawing;
  try {
    if (!status) showStatus(await get("/v1/status"));
    const content = await route(location.hash)(status);
    if (mine === drawing) main.replaceChildren(...content.filter(Boolean));
  } catch (failure) {
    if (mine === drawing) main.replaceChildren(h("h1", null, "This could not be shown"), h("p", { class: "notice bad" }, failure.message, failure.code && h("code", null, " " + failure.code)));
  }
  main.dataset.drawn = String(mine);
}

function redrawSoon() {
  if (queued !== null) return;
  queued = setTimeout(() => { queued = null; draw(); }, 400);
}

function navigate() {
  beginView();
  const first = "#/" + location.hash.replace(/^#\/?/, "").split("/")[0];
  for (const anchor of document.querySelectorAll("nav a")) {
    if (anchor.getAttribute("href") === first) anchor.setAttribute("aria-current", "page");
    else anchor.removeAttribute("aria-current");
  }
  draw().then(() => window.scrollTo(0, 0));
}

window.addEventListener("hashchange", navigate);
navigate();
live({
  onState: open => { pill.textContent = open ? "live" : "reconnecting"; pill.className = "pill " + (open ? "good" : "warn"); },
  onStatus: showStatus,
  // Lists that the reader has extended page by page stay as they are; short views follow the chain.
  onRow: () => { if (!document.querySelector(".more button") || location.hash.length < 3) redrawSoon(); },
});
