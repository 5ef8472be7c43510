// Passkeys (Web Authentication, Level 3). A form with data-passkey="create" or "get" asks the browser's authenticator
// before it is sent; what it may do comes from data-passkey-options (an element with JSON) or data-passkey-url.
"use strict";
(() => {
  const forms = [...document.querySelectorAll("form[data-passkey]")];
  if (!forms.length || !window.PublicKeyCredential) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list ?? []).map((credential) => ({ ...credential, id: bytes(credential.id) }));

  const create = async (options) => {
    const made = await navigator.credentials.create({ publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: known(options.excludeCredentials),
      // One that the device can find by itself also signs in without a password; a plain security key still serves.
      authenticatorSelection: { ...options.authenticatorSelection, residentKey: "preferred", requireResidentKey: false },
    } });
    return answer(made, {
      attestationObject: text(made.response.attestationObject),
      transports: made.response.getTransports?.() ?? [],
    });
  };
  const get = async (options) => {
    const given = await navigator.credentials.get({ publicKey: {
      ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials),
    } });
    return answer(given, {
      authenticatorData: text(given.response.authenticatorData),
      signature: text(given.response.signature),
      userHandle: given.response.userHandle ? text(given.response.userHandle) : null,
    });
  };
  const answer = (credential, response) => JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { clientDataJSON: text(credential.response.clientDataJSON), ...response },
  });

  const optionsOf = async (form) => {
    const { passkeyOptions, passkeyUrl } = form.dataset;
    if (passkeyOptions) return JSON.parse(document.querySelector(passkeyOptions).textContent).publicKey;
    const reply = await fetch(passkeyUrl, { headers: { Accept: "application/json" } });
    if (!reply.ok) throw new Error(`status ${reply.status}`);
    return (await reply.json()).request_options.publicKey;
  };

  const box = document.querySelector("[data-passkey-error]");
  const REASONS = { NotAllowedError: "cancelled", AbortError: "cancelled", InvalidStateError: "twice", SecurityError: "address" };
  const tell = (problem) => {
    box.querySelector("[data-words]").textContent = box.dataset[REASONS[problem.name] ?? "failed"];
    box.hidden = false;
  };

  document.querySelector("[data-passkey-unsupported]")?.remove();
  for (const form of forms) {
    const button = form.querySelector("button[type=submit]");
    button.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      box.hidden = true;
      button.disabled = true;
      try {
        const options = await optionsOf(form);
        form.elements.credential.value = await (form.dataset.passkey === "create" ? create(options) : get(options));
        form.submit();
      } catch (problem) {
        tell(problem);
        button.disabled = false;
      }
    });
  }
})();
