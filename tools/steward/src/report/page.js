(() => {
  "use strict";
  const list = document.getElementById("messages");
  const shown = document.getElementById("shown");
  const all = document.getElementById("open-all");
  if (!list || !shown || !all) { return; }
  const boxes = [...document.querySelectorAll(".filters input")];
  const visible = () => {
    const off = boxes.filter((box) => !box.checked).map((box) => box.id.slice("show-".length));
    return [...list.children].filter((item) =>
      !off.some((word) => item.classList.contains("is-" + word) || item.classList.contains("of-" + word)));
  };
  const tell = () => { shown.textContent = visible().length + " of " + list.children.length + " shown"; };
  for (const box of boxes) { box.addEventListener("change", tell); }
  all.hidden = false;
  all.addEventListener("click", () => {
    const open = all.textContent === "Open all";
    for (const item of visible()) { item.firstElementChild.open = open; }
    all.textContent = open ? "Close all" : "Open all";
  });
  tell();
})();
