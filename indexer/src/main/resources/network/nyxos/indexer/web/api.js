/** Reads a JSON document; an error carries the server's stable code and message. */
export async function get(path) {
  const response = await fetch(path, { headers: { accept: "application/json" } });
  const body = await response.json().catch(() => null);
  if (!response.ok) {
    const failure = new Error(body?.error?.message ?? `The indexer answered ${response.status}.`);
    failure.code = body?.error?.code ?? "unreadable";
    throw failure;
  }
  return body;
}

/** Opens the event stream. `onRow` is told of every new row, `onStatus` of the indexer's status, `onState` of the connection itself. */
export function live({ onRow, onStatus, onState }) {
  const source = new EventSource("/v1/live");
  source.addEventListener("open", () => onState(true));
  source.addEventListener("error", () => onState(false));
  source.addEventListener("status", message => onStatus(JSON.parse(message.data)));
  for (const type of ["event", "content", "missed"]) source.addEventListener(type, message => onRow(type, JSON.parse(message.data)));
  return source;
}
