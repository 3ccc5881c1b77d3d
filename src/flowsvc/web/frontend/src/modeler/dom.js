// Small things for making page elements.

/** An element with properties, and what stands in it. */
export function make(name, properties = {}, ...children) {
  const { data, ...rest } = properties;
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(rest)) {
    if (value === undefined || value === false) continue;
    if (key in made && !key.startsWith('aria') && key !== 'role') made[key] = value;
    else made.setAttribute(key, value === true ? '' : value);
  }
  Object.assign(made.dataset, data);
  made.append(...children.flat().filter((each) => each !== undefined && each !== null && each !== false));
  return made;
}

/** A button of ours. */
export function button(words, onclick, { variant = 'secondary', ...rest } = {}) {
  return make('button', { type: 'button', className: variant === 'plain' ? 'plain' : 'ds-button', data: variant === 'plain' ? {} : { variant, size: 'sm' }, onclick, ...rest }, words);
}
