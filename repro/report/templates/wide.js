// A table that is wider than its box says so in words, and with a shadow on the side where it goes on.
for (const box of document.querySelectorAll(".scroll")) {
  const cue = document.createElement("p");
  cue.className = "cue";
  cue.textContent = "wider than the page: scroll sideways";
  box.before(cue);
  const look = () => {
    const beyond = box.scrollWidth - box.clientWidth;
    cue.hidden = beyond <= 1;
    box.classList.toggle("more-left", box.scrollLeft > 1);
    box.classList.toggle("more-right", beyond - box.scrollLeft > 1);
  };
  box.addEventListener("scroll", look, { passive: true });
  new ResizeObserver(look).observe(box);
}
