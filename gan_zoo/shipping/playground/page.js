/* The page begins; with #check it looks at itself. */
"use strict";

/** How far the images of this page are from those of the SavedModel, for noise that came with them: open it with #check. */
function check() {
  const make = networks(MODEL, BYTES), { noise, label, images } = MODEL.proof;
  const numbers = new Float32Array(bytesOf(noise).buffer), wanted = bytesOf(images);
  let worst = 0, at = 0;
  label.forEach((of, point) => {
    const { pixels } = make({ noise: numbers.subarray(point * MODEL.latent_size, (point + 1) * MODEL.latent_size), label: of });
    for (const pixel of pixels) worst = Math.max(worst, Math.abs(pixel - wanted[at++]));
  });
  document.body.dataset.difference = String(worst);
  say(`${label.length} images: at most ${worst} grey levels from the SavedModel’s`);
}

if (location.hash === "#check") check();
byId("about").textContent = MODEL.about;
offerClasses();
offerCodes();
listen();
drawEnds();
changed({ all: true });
