/* The control API. A refusal is thrown as an Error whose message is the simulator's own sentence. */

export async function get(path, query = {}, signal = undefined) {
  const given = Object.entries(query).filter(([, value]) => value);
  return told(await fetch(`/_sim${path}?${new URLSearchParams(given)}`, { signal, cache: "no-store" }));
}

export async function post(path, body = {}) {
  const headers = { "Content-Type": "application/json" };
  return told(await fetch(`/_sim${path}`, { method: "POST", headers, body: JSON.stringify(body) }));
}

export async function remove(path) {
  return told(await fetch(`/_sim${path}`, { method: "DELETE" }));
}

export async function upload(file, numberId) {
  const query = new URLSearchParams({ number_id: numberId, filename: file.name });
  const headers = { "Content-Type": file.type || "application/octet-stream" };
  return told(await fetch(`/_sim/media?${query}`, { method: "POST", headers, body: file }));
}

async function told(answer) {
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error || `The simulator answered ${answer.status}.`);
  return found;
}
