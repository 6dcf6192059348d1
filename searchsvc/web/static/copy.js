// A button beside each reference that copies it. Without this script the text can be marked and copied.
"use strict";

for (const text of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text.dataset.copy;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = text.dataset.copied;
    } catch {
      // A page without TLS has no clipboard; the marked text can be copied by keyboard.
      getSelection().selectAllChildren(text);
    }
  });
  text.after(button);
}
