// Passkey ceremonies (WebAuthn level 3): ask the server what to ask the key, hand its answer back.

const decode = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const withIds = (credentials) => (credentials || []).map((each) => ({ ...each, id: decode(each.id) }));

async function post(form, address, body) {
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const response = await fetch(address, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(body ?? {}),
  });
  const isJson = (response.headers.get("Content-Type") || "").includes("json");
  if (response.status === 403 && form.dataset.confirm) location.assign(form.dataset.confirm);
  const answer = isJson ? await response.json() : {};
  if (!response.ok) throw new Error(answer.message || response.statusText);
  return answer;
}

async function use(form, options = {}) {
  const { state, ...asked } = await post(form, form.dataset.begin).catch((reason) => {
    if (options.mediation) reason.name = "AbortError";
    throw reason;
  });
  const credential = await navigator.credentials.get({
    ...options,
    publicKey: { ...asked, challenge: decode(asked.challenge), allowCredentials: withIds(asked.allowCredentials) },
  });
  const { response } = credential;
  const finish = new URL(form.dataset.finish, location);
  if (document.querySelector("#id_remember:checked")) finish.searchParams.set("remember", "1");
  return post(form, finish, {
    state,
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      authenticatorData: encode(response.authenticatorData),
      clientDataJSON: encode(response.clientDataJSON),
      signature: encode(response.signature),
      userHandle: response.userHandle ? encode(response.userHandle) : null,
    },
  });
}

async function register(form) {
  const { state, ...asked } = await post(form, form.dataset.begin);
  const credential = await navigator.credentials.create({
    publicKey: {
      ...asked,
      challenge: decode(asked.challenge),
      user: { ...asked.user, id: decode(asked.user.id) },
      excludeCredentials: withIds(asked.excludeCredentials),
    },
  });
  const { response } = credential;
  return post(form, form.dataset.finish, {
    state,
    name: new FormData(form).get("name"),
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: {
      attestationObject: encode(response.attestationObject),
      clientDataJSON: encode(response.clientDataJSON),
      transports: response.getTransports?.() ?? [],
    },
  });
}

let waiting; // the offer in the address field, which steps back when a button is pressed

async function run(form, ceremony, options) {
  const error = form.querySelector("[data-error]");
  error.hidden = true;
  try {
    location.assign((await ceremony(form, options)).next);
  } catch (reason) {
    const isHers = ["AbortError", "NotAllowedError"].includes(reason.name); // she changed her mind, or never began
    if (isHers) return;
    error.textContent = reason.message;
    error.hidden = false;
  }
}

// An offer that cannot even be made (no signal, a limit) is not complained about: the button is still there.
async function offer(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  waiting = new AbortController();
  run(form, use, { mediation: "conditional", signal: waiting.signal });
}

if (window.PublicKeyCredential) {
  for (const element of document.querySelectorAll("[data-passkey], [data-passkey-only]")) element.hidden = false;
  for (const element of document.querySelectorAll("[data-no-passkey]")) element.hidden = true;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      waiting?.abort();
      run(form, form.dataset.passkey === "register" ? register : use);
    });
    if ("autofill" in form.dataset) offer(form);
  }
}
