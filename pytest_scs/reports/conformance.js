"use strict";
(() => {
  const all = (selector, where = document) => [...where.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);

  // What needs this program is not offered without it.
  for (const element of all(".scripted")) element.hidden = false;

  // Colours: the choice is kept where the browser lets a page keep something.
  const kept = "pytest-scs-theme";
  const themes = all("input[name=theme]");
  try {
    const chosen = themes.find((theme) => theme.value === localStorage.getItem(kept));
    if (chosen) chosen.checked = true;
  } catch {}
  for (const theme of themes) {
    theme.addEventListener("change", () => { try { localStorage.setItem(kept, theme.value); } catch {} });
  }

  // Filter. Texts are gathered when they are asked for first.
  const testcases = all(".testcase");
  const boxes = all("[data-verdict]");
  const field = byId("filter-text");
  const status = byId("filter-status");
  const texts = new Map();
  const lower = (element) => {
    if (!texts.has(element)) texts.set(element, element.textContent.toLowerCase());
    return texts.get(element);
  };
  const narrow = () => {
    const wanted = field.value.trim().toLowerCase();
    const verdicts = boxes.filter((box) => box.checked).map((box) => box.dataset.verdict);
    let shown = 0;
    for (const testcase of testcases) {
      const stays = !wanted || lower(testcase).includes(wanted);
      testcase.classList.toggle("left-out", !stays);
      const narrows = wanted && stays && !lower(testcase.firstElementChild).includes(wanted);
      for (const finding of all(".findings tbody", testcase)) {
        finding.classList.toggle("left-out", Boolean(narrows) && lower(testcase.querySelector(".findings")).includes(wanted) && !lower(finding).includes(wanted));
      }
      if (stays && verdicts.some((verdict) => testcase.classList.contains(verdict))) shown += 1;
    }
    for (const group of all(".broken .standard, .undecided .standard, .passed .standard")) {
      group.classList.toggle("left-out", Boolean(wanted) && !group.querySelector(".testcase:not(.left-out)"));
      if (wanted && group.tagName === "DETAILS") group.open = true;
    }
    // A heading with nothing below it says something that is not so.
    for (const section of all(".broken, .undecided, .passed")) {
      section.classList.toggle("left-out", Boolean(wanted) && !section.querySelector(".testcase:not(.left-out)"));
    }
    const all_shown = shown === testcases.length;
    const grouped = (number) => number.toLocaleString(document.documentElement.lang);
    status.textContent = all_shown ? "" : status.dataset.template.replace("{shown}", grouped(shown)).replace("{total}", grouped(testcases.length));
  };
  if (field) {
    const form = field.form;
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", narrow);
    form.addEventListener("change", narrow);
    const fold = (open) => { for (const details of all(".testcase, details.standard")) details.open = open; };
    byId("open-all").addEventListener("click", () => fold(true));
    byId("close-all").addEventListener("click", () => fold(false));
  }

  // What a link leads to may be folded, or left out by the filter: whoever follows it wants to see it.
  const lead = () => {
    let name = location.hash.slice(1);
    try { name = decodeURIComponent(name); } catch {}
    const target = name && byId(name);
    if (!target) return;
    for (let element = target; element; element = element.parentElement) if (element.tagName === "DETAILS") element.open = true;
    if (field) {
      // A heading needs what stands below it.
      const about = target.matches("h3") ? all(".testcase", target.parentElement) : [target];
      for (const box of boxes) box.checked ||= about.some((one) => one.matches(`.testcase.${box.dataset.verdict}`));
      if (target.closest(".left-out")) field.value = "";
      narrow();
    }
    target.scrollIntoView();
  };
  addEventListener("hashchange", lead);
  // A second time, too, when it has been folded or left out in between: then nothing changes in the address.
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    if (link && link.hash === location.hash) setTimeout(lead);
  });
  lead();

  // Copy. Where a browser does not let us, the commands are selected at least.
  const copy = async (source) => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      return true;
    } catch {
      getSelection().selectAllChildren(source);
      try { return document.execCommand("copy"); } catch { return false; }
    }
  };
  const told = byId("copy-status");
  for (const button of all(".copy")) {
    const label = button.textContent;
    button.addEventListener("click", async () => {
      const text = (await copy(byId(button.dataset.of))) ? told.dataset.done : told.dataset.selected;
      button.textContent = told.textContent = text;
      setTimeout(() => { button.textContent = label; told.textContent = ""; }, 3000);
    });
  }

  // Paper cannot be unfolded; for browsers that do not know how to say so in a style sheet.
  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all("details:not([open])");
    for (const details of folded) details.open = true;
  });
  addEventListener("afterprint", () => { for (const details of folded) details.open = false; });
})();
