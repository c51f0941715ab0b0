// The document follows the page's language, the chat has a name for screen readers,
// and the cursor returns to the question box.
window.schoolhelper = {
  focusBox() {
    const box = document.querySelector("#sh-box textarea, #sh-box input");
    if (box) box.focus();
  },
};

function followPage() {
  const head = document.querySelector(".sh-head");
  if (!head) return;
  if (document.documentElement.lang !== head.lang) document.documentElement.lang = head.lang;
  const title = head.querySelector("h1").textContent;
  if (document.title !== title) document.title = title;
  const log = document.querySelector("#sh-chat [role=log]");
  const label = head.dataset.chat;
  if (log && log.getAttribute("aria-label") !== label) log.setAttribute("aria-label", label);
  // Gradio labels each message with its HTML source; the message itself is the better label.
  document.querySelectorAll("#sh-chat [role=log] [aria-label*='<']").forEach((e) => e.removeAttribute("aria-label"));
  const profile = document.querySelector("#sh-profile > button");
  const open = String(Boolean(profile && profile.classList.contains("open")));
  if (profile && profile.getAttribute("aria-expanded") !== open) profile.setAttribute("aria-expanded", open);
}

new MutationObserver(followPage).observe(document, {
  childList: true,
  subtree: true,
  attributeFilter: ["class"],
});
