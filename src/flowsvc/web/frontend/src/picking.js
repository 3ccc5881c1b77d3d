// The list of a process and its diagrams, tied together: what is chosen in one is marked in the other and told of in the
// panel. Works with the keyboard alone; without scripts the list says the same by itself.

const WORDS = { sv: { properties: 'Visa egenskaper' }, en: { properties: 'Show properties' } };

// Narrower than this the diagram stands far below the list, so what there is to say opens in the list itself.
const BESIDE = matchMedia('(min-width: 60rem)');
const READABLE = 0.55;

export function pick(list) {
  const words = WORDS[document.documentElement.lang.slice(0, 2)] ?? WORDS.sv;
  const panel = document.querySelector('[data-panel]');
  const items = [...list.querySelectorAll('li[data-element]')];
  const diagrams = new Map();
  let chosen = null;

  function choose(item, { focus = false } = {}) {
    if (chosen && chosen !== item) {
      settle(chosen, false);
    }
    chosen = item;
    settle(item, true);
    fill(item);
    const diagram = diagrams.get(item.dataset.process);
    for (const each of diagrams.values()) {
      each.mark(each === diagram ? item.dataset.element : null);
    }
    if (!diagram && BESIDE.matches) {
      unfold(item.dataset.process);
    }
    if (focus) {
      reveal(item);
      buttonOf(item).focus();
    }
  }

  function settle(item, isChosen) {
    buttonOf(item).setAttribute('aria-pressed', `${isChosen}`);
    item.toggleAttribute('data-chosen', isChosen);
    item.querySelector('[data-to-panel]')?.toggleAttribute('hidden', !isChosen || !panel);
    const properties = item.querySelector('[data-properties]');
    if (properties) {
      properties.toggleAttribute('data-open', isChosen && !(BESIDE.matches && panel));
    }
  }

  function fill(item) {
    const properties = item.querySelector('[data-properties]');
    if (!panel || !properties) {
      return;
    }
    const heading = element('h4', { textContent: buttonOf(item).textContent.replace(/\s+/g, ' ').trim() });
    panel.querySelector('[data-panel-body]').replaceChildren(heading, ...[...properties.children].map((e) => e.cloneNode(true)));
    panel.querySelector('[data-panel-empty]')?.setAttribute('hidden', '');
    panel.querySelector('[data-panel-back]')?.removeAttribute('hidden');
  }

  for (const item of items) {
    prepare(item, words, panel, () => choose(item));
  }
  list.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const at = items.indexOf(event.target.closest?.('li[data-element]'));
    if (step && at >= 0 && event.target.matches('[data-pick]') && items[at + step]) {
      event.preventDefault();
      buttonOf(items[at + step]).focus();
    }
  });
  panel?.removeAttribute('hidden');
  panel?.querySelector('[data-panel-back]')?.addEventListener('click', () => chosen && buttonOf(chosen).focus());
  list.dataset.picking = '';

  // Called by each diagram when it is drawn.
  return (key, viewer) => {
    const diagram = markerOf(viewer);
    diagrams.set(key, diagram);
    viewer.get('eventBus').on('element.click', ({ element: shape }) => {
      const id = shape.labelTarget?.id ?? shape.id;
      const item = items.find((each) => each.dataset.element === id && each.dataset.process === key);
      if (item) {
        choose(item, { focus: true });
      }
    });
    if (chosen?.dataset.process === key) {
      diagram.mark(chosen.dataset.element);
    }
  };
}

// The words of the line become a button; what can be opened without scripts is then opened by it.
function prepare(item, words, panel, onclick) {
  const told = item.querySelector('[data-words]');
  const button = element('button', { type: 'button', className: 'pick', onclick });
  button.dataset.pick = '';
  button.setAttribute('aria-pressed', 'false');
  if (item.getAttribute('aria-current')) {
    button.setAttribute('aria-current', item.getAttribute('aria-current'));
    item.removeAttribute('aria-current');
  }
  button.append(...told.childNodes);
  const folded = item.querySelector(':scope > details');
  const properties = item.querySelector('[data-properties]');
  (folded ?? told).replaceWith(button);
  if (properties) {
    item.append(properties);
  }
  if (panel && properties) {
    const link = element('button', { type: 'button', className: 'to-panel', textContent: words.properties, hidden: true });
    link.dataset.toPanel = '';
    link.addEventListener('click', () => {
      panel.focus();
      panel.scrollIntoView({ block: 'nearest' });
    });
    button.after(link);
  }
}

function markerOf(viewer) {
  const canvas = viewer.get('canvas');
  const registry = viewer.get('elementRegistry');
  let marked = null;
  return {
    mark(id) {
      if (marked) {
        canvas.removeMarker(marked, 'picked');
      }
      marked = id && registry.get(id) ? id : null;
      if (marked) {
        canvas.addMarker(marked, 'picked');
        bring(canvas, registry.get(marked));
      }
    },
  };
}

// Into sight: a large diagram that has been made to fit is too small to read.
function bring(canvas, shape) {
  if (canvas.getContainer().getBoundingClientRect().width === 0) {
    return;
  }
  if (canvas.zoom() < READABLE) {
    const x = shape.x ?? shape.waypoints?.[0].x;
    const y = shape.y ?? shape.waypoints?.[0].y;
    canvas.zoom(0.8, { x: x + (shape.width ?? 0) / 2, y: y + (shape.height ?? 0) / 2 });
  }
  canvas.scrollToElement(shape, 60);
}

// A diagram that is folded is drawn, and marked, when it is opened.
function unfold(key) {
  const folded = document.querySelector(`[data-diagram][data-process="${CSS.escape(key)}"]`)?.closest('details:not([open])');
  if (folded) {
    folded.open = true;
  }
}

function reveal(item) {
  for (let each = item; each; each = each.parentElement) {
    if (each instanceof HTMLDetailsElement) {
      each.open = true;
    }
  }
}

function buttonOf(item) {
  return item.querySelector('[data-pick]');
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
