// Suggestions below the search box: a WAI-ARIA combobox with a list that the arrow keys walk through.
// Without this script the box is a plain search field. Takes the answers of GET /api/suggest.
"use strict";

(() => {
  const DELAY_MS = 80;
  const input = document.querySelector("#q[data-suggest]");
  if (!input) return;

  const list = document.createElement("ul");
  list.id = "suggestions";
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.label);
  input.after(list); // the field itself stays where it is: moved, it would lose the focus
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-autocomplete": "list", "aria-controls": list.id, "aria-expanded": "false",
  })) input.setAttribute(name, value);

  let typed = input.value;
  let chosen = -1;
  let timer = 0;
  let asked = null;

  const close = () => {
    clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const show = (suggestions) => {
    list.replaceChildren(...suggestions.map((suggestion, number) => {
      const option = document.createElement("li");
      option.id = `suggestion-${number}`;
      option.lang = "zh";
      option.textContent = suggestion.text;
      option.dataset.query = suggestion.query;
      option.dataset.kind = suggestion.kind;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      return option;
    }));
    chosen = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = suggestions.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
  };

  const choose = (number) => {
    const options = list.children;
    options[chosen]?.setAttribute("aria-selected", "false");
    chosen = number;
    const option = options[chosen];
    input.value = option ? option.dataset.query : typed;
    if (!option) {
      input.removeAttribute("aria-activedescendant");
      return;
    }
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  };

  const ask = async () => {
    asked?.abort();
    asked = new AbortController();
    const parameters = new URLSearchParams({ q: typed });
    try {
      const answer = await fetch(`/api/suggest?${parameters}`, { signal: asked.signal });
      if (answer.ok) show((await answer.json()).suggestions);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  input.addEventListener("input", (event) => {
    close();
    typed = input.value;
    if (!event.isComposing && typed.trim()) timer = setTimeout(ask, DELAY_MS);
  });
  input.addEventListener("compositionend", () => {
    typed = input.value;
    if (typed.trim()) timer = setTimeout(ask, DELAY_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const count = list.hidden ? 0 : list.children.length;
    if (event.key === "Escape" && count) {
      choose(-1);
      close();
    } else if (event.key === "ArrowDown" && count) {
      choose(chosen + 1 < count ? chosen + 1 : -1);
    } else if (event.key === "ArrowUp" && count) {
      choose(chosen < 0 ? count - 1 : chosen - 1);
    } else {
      return;
    }
    event.preventDefault();
  });
  input.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    input.value = option.dataset.query;
    close();
    input.form.requestSubmit();
  });
})();
