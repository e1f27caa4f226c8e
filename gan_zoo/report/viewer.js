// Samples over time: one picture at a time, by a slider, by the arrow keys, or playing.

const FRAME_SECONDS = 0.25, LAST_FRAME_SECONDS = 1.5;

// {node, move: by so many pictures, show: the one nearest to a step, stop}, or null if there are no pictures.
function makeViewer(run, cursor) {
  if (!run.views.length) return null;
  let view = run.views[0], index = view.frames.length - 1, timer = null;
  const image = element("img", {class: "samples"});
  const step = element("output", {class: "step"});
  const caption = element("p", {class: "muted small"});
  const slider = element("input", {type: "range", min: 0, step: 1, "aria-label": "step of the samples", title: "← and → go from picture to picture", input: () => { stop(); show(Number(slider.value)); }});
  const play = element("button", {type: "button", class: "play", click: () => (timer ? stop() : start())});
  const controls = element("div", {class: "controls"}, play, slider, step);
  const tabs = run.views.map((each) => element("button", {type: "button", click: () => choose(each)}, each.name));

  function choose(next) {
    const before = view.frames[index].step;
    view = next;
    tabs.forEach((tab, number) => tab.setAttribute("aria-pressed", String(run.views[number] === view)));
    slider.max = view.frames.length - 1;
    const left = view.of - view.frames.length;
    caption.textContent = view.caption + (left > 0 ? ` ${view.frames.length} of ${whole(view.of)} pictures are shown.` : "");
    controls.hidden = view.frames.length < 2;
    if (view.frames.length < 2) stop();
    show(before === null ? view.frames.length - 1 : nearest(view.frames.map((frame) => frame.step), before));
  }

  function show(next) {
    index = Math.max(0, Math.min(view.frames.length - 1, next));
    const frame = view.frames[index];
    image.src = frame.source;
    image.width = frame.width;
    image.height = frame.height;
    image.classList.toggle("small", frame.width < 240);
    image.alt = frame.step === null ? view.name : `${view.name} at step ${whole(frame.step)}`;
    step.textContent = frame.step === null ? "" : `step ${whole(frame.step)}`;
    slider.value = index;
    slider.setAttribute("aria-valuetext", step.textContent);
    if (frame.step !== null) {
      cursor.home = frame.step;
      cursor.set(frame.step);
    }
  }

  function start() {
    if (index === view.frames.length - 1) show(0);
    const tick = () => {
      show(index === view.frames.length - 1 ? 0 : index + 1);
      timer = setTimeout(tick, 1000 * (index === view.frames.length - 1 ? LAST_FRAME_SECONDS : FRAME_SECONDS));
    };
    timer = setTimeout(tick, 1000 * FRAME_SECONDS);
    label();
  }

  function stop() {
    clearTimeout(timer);
    timer = null;
    label();
  }

  function label() {
    play.textContent = timer ? "❚❚" : "▶";
    play.setAttribute("aria-label", timer ? "pause" : "play");
  }

  label();
  choose(view);
  const node = element("section", {class: "card viewer", "aria-label": "samples"},
    run.views.length > 1 ? element("div", {class: "tabs"}, tabs) : null, image, controls, caption);
  return {node, stop,
    move(by) { stop(); show(index + by); },
    show(at) { stop(); if (view.frames[0].step !== null) show(nearest(view.frames.map((frame) => frame.step), at)); }};
}
