import { h } from "./dom.js";

/** Exact decimal text of base units (a string of digits), with all `decimals` places, so that amounts of one mint stand under each other; never through a float. */
export function amount(units, decimals, symbol) {
  if (units === null || units === undefined) return "–";
  const negative = String(units).startsWith("-");
  const digits = String(units).replace("-", "").padStart(decimals + 1, "0");
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
  const shown = (negative ? "−" : "") + whole + (decimals === 0 ? "" : "." + digits.slice(-decimals));
  return symbol ? shown + "\u00a0" + symbol : shown;
}

/** Basis points as exact percent. */
export const percent = bps => amount(String(bps), 2).replace(/\.00$/, "") + "\u00a0%";

export const short = text => text && text.length > 13 ? text.slice(0, 5) + "…" + text.slice(-5) : text ?? "–";
export const count = value => String(value).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
export const symbolOf = row => row.symbol ?? short(row.mint);

/** A shortened key or hash; the whole of it is in the title. */
export const key = text => h("code", { title: text }, short(text));
export const whole = text => text ? h("code", null, text) : null;
export const link = (href, text, title) => h("a", { href, title }, text);

const tones = {
  posted: "info", verified: "info", batched: "info", executed: "info", final: "good", claimed: "good", active: "good", open: "good", completed: "good",
  refunded: "warn", refunding: "warn", released: "warn", exiting: "warn", unbonding: "warn", pending: "warn", proposed: "warn", void: "bad", slashed: "bad", disputed: "bad", refused: "bad",
};
export const state = name => h("span", { class: "pill " + (tones[name] ?? "") }, name);
export const tags = names => names.map(name => h("span", { class: "tag" }, name));

export function time(iso) {
  if (!iso) return "–";
  const date = new Date(iso);
  return h("time", { datetime: iso, title: date.toISOString() }, date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" }));
}

export function millis(value) {
  if (value === null || value === undefined) return "–";
  return value < 1000 ? Math.round(value) + " ms" : (value / 1000).toFixed(value < 10000 ? 1 : 0) + " s";
}

export function attestation(record) {
  if (!record) return "none";
  const kind = record.kind === "tdx" ? "Intel TDX" : record.kind === "snp" ? "AMD SEV-SNP" : record.kind;
  return [h("span", null, kind), " ", record.development && h("span", { class: "tag dev", title: "Signed under a development root: it proves the protocol, not the hardware." }, "development"),
    record.expired && h("span", { class: "tag" }, "expired")];
}
