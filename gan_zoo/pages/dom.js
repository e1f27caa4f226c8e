"use strict";

// An element with its attributes and children. Text becomes text and never markup, whatever is in it.
function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

function drawn(name, attributes = {}, ...children) {
  return filled(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
}

function filled(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

// A name that may go on in the next line after each /, and whose letters turn nothing around it.
function named(text) {
  return element("bdi", {}, text.split(/(?<=\/)/).flatMap((part) => [part, element("wbr")]));
}

// 12,345
function whole(number) {
  return Math.round(number).toLocaleString("en-US");
}

// Three or four digits that count: 0.0123, 1.234, 123.4, 12,345
function short(number) {
  if (number === null || number === undefined || !Number.isFinite(number)) return "–";
  const size = Math.abs(number);
  if (size >= 1000) return whole(number);
  if (size !== 0 && size < 0.0005) return number.toExponential(1);
  return String(Number(number.toPrecision(size < 1 ? 3 : 4)));
}
