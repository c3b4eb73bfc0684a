// Security keys: the button that says so starts allauth's form for them.
document.addEventListener("DOMContentLoaded", () => {
  const button = document.querySelector("[data-key-form]");
  const what = button.dataset.keyForm;
  const ids = { [what]: button.id, credential: button.form.elements.credential.id, data: "key-data" };
  window.allauth.webauthn.forms[`${what}Form`]({ ids });
});
