export const byId = (id) => document.getElementById(id);

export function element(tag, attributes = {}, ...content) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value) made.setAttribute(name, value);
  made.append(...content.filter((item) => item !== undefined && item !== null));
  return made;
}

/** Leaves what says the same already alone: an announcement or a selection is not disturbed. */
export function say(id, text) {
  const place = byId(id);
  if (place.textContent !== text) place.textContent = text;
}

export function span(seconds) {
  if (seconds === null) return '–';
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

export function times(count) {
  if (count === 0) return 'not yet';
  return count === 1 ? 'once' : `${count} times`;
}

export const number = (value) => value.toLocaleString('en');
