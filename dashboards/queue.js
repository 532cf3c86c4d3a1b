// The queue by keyboard, and the buttons in its rows.
export default function (component) {
  const { setTriggerValue } = component;
  const rows = () => [...document.querySelectorAll(".queue-row")];
  const here = () => document.activeElement?.closest?.(".queue-row");
  const take = (row) => row?.querySelector("[data-take]") && setTriggerValue("take", row.querySelector("[data-take]").dataset.take);

  // When the list is drawn anew, as after a call was taken, the row that had the focus has it again.
  const link = (row) => row.querySelector("a.open");
  let kept = "";
  const remember = () => { kept = here() ? link(here()).getAttribute("href") : ""; };
  const redrawn = new MutationObserver(() => {
    if (!kept || document.activeElement !== document.body) return;
    const row = rows().find((each) => link(each).getAttribute("href") === kept);
    if (row) link(row).focus({ preventScroll: true });
  });

  const click = (event) => {
    const button = event.target.closest?.("[data-take]");
    if (!button) return;
    event.preventDefault();
    event.stopPropagation();
    setTriggerValue("take", button.dataset.take);
  };
  const key = (event) => {
    const target = event.composedPath()[0];
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.isContentEditable;
    if (typing || event.metaKey || event.ctrlKey || event.altKey) return;
    const at = rows().indexOf(here());
    if (event.key === "j" || event.key === "k") {
      const next = rows()[Math.min(rows().length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))];
      if (next) link(next).focus();
      next?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "a") take(here());
    else if (event.key === "/") document.querySelector(".st-key-queue-search input")?.focus();
    else return;
    event.preventDefault();
  };
  document.addEventListener("click", click, true);
  document.addEventListener("keydown", key);
  document.addEventListener("focusin", remember);
  redrawn.observe(document.body, { childList: true, subtree: true });
  return () => {
    redrawn.disconnect();
    document.removeEventListener("focusin", remember);
    document.removeEventListener("click", click, true);
    document.removeEventListener("keydown", key);
  };
}
