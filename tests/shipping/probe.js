// Uses the playground by its keys, and writes down what came of it.
const press = (key, target = document.body) => target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
const seen = { seed: state.seed, tile: state.tile };
press("7"); seen.label = state.label; seen.pressed = document.querySelector("[aria-pressed=true]").textContent;
press("ArrowRight"); press("ArrowDown"); seen.moved = state.tile;
press("ArrowUp", byId("pad")); seen.pad = state.pad.map(value => Math.round(10 * value) / 10);
const before = chosen(state).noise.slice(); press("m"); seen.back = [state.pad, before.every((z, i) => z === chosen(state).noise[i])];
press("a"); press("r"); seen.anew = state.seed !== seen.seed; press("b");
byId("between").value = 0.5; byId("between").dispatchEvent(new Event("input"));
const [a, b, middle] = [chosen(state.a), chosen(state.b), current()];
seen.middle = middle.noise.every((z, i) => Math.abs(z - (a.noise[i] + b.noise[i]) / 2) < 1e-6) && middle.label === 7;
seen.within = Array.from({ length: 64 }, (_, tile) => tileOf(state, tile)).every(of => of.noise.every(z => z >= -1 && z < 1));
seen.link = JSON.stringify(JSON.parse(decodeURIComponent(location.hash.slice(1)))) === JSON.stringify(state);
document.body.append(Object.assign(document.createElement("pre"), { id: "seen", textContent: JSON.stringify(seen) }));
