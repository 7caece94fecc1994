// Elements are made from data only through text nodes and attributes: nothing a node or a payer wrote is ever parsed as markup.

/** Makes an element. `props`: class, text-valued attributes, or `on…` handlers; children: nodes, text, or arrays of them; null and false are left out. */
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  append(element, children);
  return element;
}

function append(parent, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(parent, child);
    else parent.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

/** A table with column headers; each column is {label, cell(row), num?, head?}. Rows whose key was not in `known` are marked as fresh. */
export function table(caption, columns, rows, { key, known, empty }) {
  if (rows.length === 0) return h("div", { class: "scroll" }, h("p", { class: "empty" }, empty));
  const head = h("thead", null, h("tr", null, columns.map(c => h("th", { scope: "col", class: c.num && "num" }, c.label))));
  const body = h("tbody", null, rows.map(row => {
    const fresh = known && known.size > 0 && !known.has(key(row));
    return h("tr", { class: fresh && "fresh" }, columns.map(c => {
      const value = h("span", null, c.cell(row));
      return h(c.head ? "th" : "td", { scope: c.head && "row", class: [c.num && "num", value.textContent === "" && "blank"].filter(Boolean).join(" ") || null, "data-label": c.label }, value);
    }));
  }));
  const label = h("caption", { class: "skip" }, caption);
  const built = h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption }, h("table", null, label, head, body));
  if (known) rows.forEach(row => known.add(key(row)));
  return built;
}

/** Pairs of a name and what it is; a null value is left out. */
export function facts(pairs) {
  return h("dl", { class: "facts" }, pairs.filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => [h("dt", null, name), h("dd", null, value)]));
}
