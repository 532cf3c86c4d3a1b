// Follows links to pages without loading the whole page anew, remembers the reader's language, and switches light and dark.

// Streamlit keeps the choice by the path of each page, and reads it when a page is loaded; its own menu, in English alone, is hidden.
function switchScheme(pages) {
  const dark = getComputedStyle(document.querySelector(".stApp")).colorScheme === "dark";
  const folder = location.pathname.replace(/[^/]*$/, "");
  for (const page of ["", "home", ...pages]) {
    localStorage.setItem(`stActiveTheme-${folder}${page}-v2`, JSON.stringify(dark ? "Light" : "Dark"));
  }
  location.reload();
}

export default function (component) {
  const { data, setTriggerValue } = component;
  document.cookie = `heard_language=${data.language}; path=/; max-age=31536000; SameSite=Lax`;
  document.documentElement.lang = data.language === "zh" ? "zh-Hans" : "en";

  const follow = (event) => {
    const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (event.defaultPrevented || event.button !== 0 || modified) return;
    if (event.target.closest?.("[data-scheme]")) return switchScheme(data.pages);
    const link = event.composedPath().find((node) => node.tagName === "A" && node.getAttribute("href"));
    const found = link && /^([a-z]+)(?:\?(.*))?$/.exec(link.getAttribute("href"));
    if (!found || !data.pages.includes(found[1])) return;
    event.preventDefault();
    setTriggerValue("go", { page: found[1], query: [...new URLSearchParams(found[2] || "")] });
  };
  document.addEventListener("click", follow);
  return () => document.removeEventListener("click", follow);
}
