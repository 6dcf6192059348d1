// Shows a moving line while the next page is on its way. Without this script nothing is missing.
"use strict";

(() => {
  const page = document.documentElement;
  const wait = () => page.classList.add("waiting");
  document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) wait();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    const plain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || !plain || event.defaultPrevented || link.hasAttribute("download")) return;
    const to = new URL(link.getAttribute("href"), location.href);
    const stays = to.pathname === location.pathname && to.search === location.search && to.hash;
    if (to.origin === location.origin && !stays) wait();
  });
  addEventListener("pageshow", () => page.classList.remove("waiting"));
})();
