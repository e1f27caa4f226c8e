"use strict";
/* ---- Workers: the first is for the chosen image, so that it follows the hand; the others fill the grid */

class Pool {
  constructor(size) {
    this.queue = [];
    this.workers = Array.from({ length: size }, () => this.worker());
  }

  worker() {
    try {
      const address = URL.createObjectURL(new Blob([byId("engine").textContent], { type: "text/javascript" }));
      const worker = new Worker(address);
      worker.postMessage({ model: MODEL, bytes: BYTES });
      const entry = { send: (of, done) => {
        worker.onmessage = ({ data }) => { entry.busy = false; done(data); this.next(); };
        worker.postMessage({ of });
      }, busy: false };
      return entry;
    } catch { // a page that may have none
      const make = (Pool.here ??= networks(MODEL, BYTES));
      const entry = { send: (of, done) => setTimeout(() => { const made = make(of); entry.busy = false; done(made); this.next(); }),
        busy: false };
      return entry;
    }
  }

  ask(of, done) {
    this.queue.push({ of, done });
    this.next();
  }

  next() {
    for (const worker of this.workers) {
      if (worker.busy || !this.queue.length) continue;
      const { of, done } = this.queue.shift();
      worker.busy = true;
      worker.send(of, done);
    }
  }

  forget() { this.queue = []; }
}

const many = new Pool(Math.max(1, Math.min(4, (navigator.hardwareConcurrency || 2) - 1)));
const one = new Pool(1);
