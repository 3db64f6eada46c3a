// Asks the server. Whatever comes back, nothing on the board is lost: a failure is an answer too.

export const SIGNED_OUT = "signed out";
export const NO_ANSWER = "no answer";
export const FORBIDDEN = 403;

async function ask(address, options) {
  let response;
  try {
    response = await fetch(address, { credentials: "same-origin", ...options });
  } catch {
    return { status: NO_ANSWER, data: {} };
  }
  if (response.headers.get("Content-Type")?.includes("json")) return { status: response.status, data: await response.json() };
  if (response.redirected || response.status === 401) return { status: SIGNED_OUT, data: {} };
  return { status: response.status === FORBIDDEN ? FORBIDDEN : NO_ANSWER, data: {} };
}

export class Server {
  constructor(board, night, token) {
    this.board = board; // the address of the page
    this.night = night;
    this.token = token;
  }

  data() {
    return ask(`${this.board}data/?night=${this.night}`, { headers: { Accept: "application/json" } });
  }

  preview(changes) {
    return this._post("preview/", { night: this.night, changes });
  }

  save(changes) {
    return this._post("save/", { night: this.night, changes });
  }

  undo(batch) {
    return this._post("undo/", { batch });
  }

  /** Signing in again gives out a new token, so that a refusal may be about the token alone. */
  async _post(path, body) {
    const answer = await this._send(path, body);
    if (answer.status !== FORBIDDEN) return answer;
    const token = await this._askForToken();
    if (token === null) return { status: SIGNED_OUT, data: {} };
    if (!token) return answer;
    this.token = token;
    return this._send(path, body);
  }

  _send(path, body) {
    return ask(this.board + path, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": this.token },
      body: JSON.stringify(body),
    });
  }

  /** The token of the page as it would be now; null when it leads to signing in, "" when nothing answers. */
  async _askForToken() {
    try {
      const response = await fetch(`${this.board}?night=${this.night}`);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      return response.redirected ? null : page.querySelector("#board-page [name=csrfmiddlewaretoken]")?.value ?? "";
    } catch {
      return "";
    }
  }
}
