/* <passkey-form act="add|authenticate|login">: around a form whose button asks the browser for a passkey. allauth's
   scripts, loaded before, do the asking; what goes wrong is said in [data-failure]. */
class PasskeyForm extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button[type=button]");
    if (!window.PublicKeyCredential) {
      button.disabled = true;
      if (this.getAttribute("act") !== "login") this.#say("Passkeys work over https only, in a browser that knows them.");
      else this.hidden = true;
      return;
    }
    const act = this.getAttribute("act");
    const ids = { [act]: button.id, credential: this.querySelector("[name=credential]").id };
    const alone = this.querySelector("[name=passwordless]");
    if (alone) ids.passwordless = alone.id;
    if (this.dataset.options) ids.data = this.dataset.options;
    window.allauth.webauthn.forms[`${act}Form`]({ ids });
    document.addEventListener("allauth.error", this.#onError);
  }

  disconnectedCallback() { document.removeEventListener("allauth.error", this.#onError); }

  #onError = (event) => {
    event.preventDefault();
    const name = event.detail.exception?.name;
    this.#say({
      NotAllowedError: "Nothing came back: it was cancelled, took too long, or there is no passkey here. Try again.",
      InvalidStateError: "This device or key has a passkey of yours already.",
      SecurityError: "Passkeys work over https only, at an address with a name.",
    }[name] || "It did not work. Try again, or use your password.");
  };

  #say(words) {
    const failure = this.querySelector("[data-failure]");
    failure.textContent = words;
    failure.hidden = false;
  }
}

customElements.define("passkey-form", PasskeyForm);
