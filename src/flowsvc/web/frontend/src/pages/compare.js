// Two diagrams beside each other with what differs marked on both, in step with each other and with the list in words,
// which stands on the page already and says the same: <div data-comparison data-old-url data-new-url …>.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

const WORDS = {
  sv: {
    added: 'Tillagt',
    removed: 'Borttaget',
    changed: 'Ändrat',
    moved: 'Flyttat',
    failed: 'Diagrammen kunde inte visas. Listan säger samma sak.',
    tools: 'Diagrammens storlek och ändringar',
    larger: 'Större',
    smaller: 'Mindre',
    whole: 'Visa allt',
    before: 'Föregående ändring',
    after: 'Nästa ändring',
    side: (name) => `Diagram: ${name}. Piltangenterna flyttar, plus och minus ändrar storleken. Samma sak står i listan.`,
    chosen: (mark, name) => `${mark}: ${name}`,
  },
  en: {
    added: 'Added',
    removed: 'Removed',
    changed: 'Changed',
    moved: 'Moved',
    failed: 'The diagrams could not be shown. The list says the same.',
    tools: 'Size of the diagrams, and changes',
    larger: 'Larger',
    smaller: 'Smaller',
    whole: 'Show all',
    before: 'Previous change',
    after: 'Next change',
    side: (name) => `Diagram: ${name}. The arrow keys move it, plus and minus change its size. The list says the same.`,
    chosen: (mark, name) => `${mark}: ${name}`,
  },
};
const SIGNS = { added: '+', removed: '−', changed: '≠', moved: '↔' };
const FRAMES = new Set(['bpmn:Participant', 'bpmn:Lane', 'bpmn:Process', 'bpmn:Collaboration']);
const READABLE = 0.7;
const SMALL = 0.45;

const words = WORDS[document.documentElement.lang.slice(0, 2)] ?? WORDS.sv;

async function show(comparison) {
  const place = comparison.querySelector('.compared-drawings');
  const entries = [...comparison.querySelectorAll('.compared-list > li')];
  place.hidden = false;
  const sides = element('div', { className: 'compared-sides' });
  const status = element('p', { className: 'unseen', role: 'status' });
  place.append(sides, status);
  const two = [];
  try {
    for (const name of ['old', 'new']) {
      const caption = comparison.dataset[`${name}Words`];
      const container = element('div', { className: 'compared-side', role: 'group', tabIndex: 0, ariaLabel: words.side(caption) });
      const figure = element('figure');
      figure.append(element('figcaption', { textContent: caption }), container);
      sides.append(figure);
      two.push({ name, container, viewer: await drawn(container, comparison.dataset[`${name}Url`]) });
    }
  } catch {
    two.forEach(({ viewer }) => viewer.destroy());
    place.replaceChildren(element('p', { role: 'status', textContent: words.failed }));
    comparison.dataset.state = 'failed';
    return;
  }
  const ids = { old: (entry) => entry.dataset.old, new: (entry) => entry.dataset.new };
  // What is changed as well as moved is marked as changed: the list has those first.
  for (const { name, viewer } of two) {
    const marked = new Set();
    for (const entry of entries) {
      const id = ids[name](entry);
      if (id && !marked.has(id)) {
        marked.add(id);
        mark(viewer, id, entry.dataset.kind);
      }
    }
  }
  const choose = (entry) => {
    for (const each of entries) {
      const chosen = each === entry;
      each.toggleAttribute('data-chosen', chosen);
      each.querySelector('[data-show]').setAttribute('aria-pressed', String(chosen));
    }
    for (const { name, viewer } of two) {
      select(viewer, ids[name](entry));
    }
    // The one that has the element leads, and the other follows.
    const leader = two.findLast(({ name, viewer }) => has(viewer, ids[name](entry)));
    if (leader) {
      bringInto(leader.viewer, ids[leader.name](entry));
    }
    const folded = entry.closest('details');
    if (folded) {
      folded.open = true;
    }
    status.textContent = words.chosen(words[entry.dataset.kind], entry.querySelector('strong').textContent);
  };
  const findable = entries.filter((entry) => two.some(({ name, viewer }) => has(viewer, ids[name](entry))));
  for (const entry of findable) {
    const found = entry.querySelector('[data-show]');
    found.hidden = false;
    found.addEventListener('click', () => {
      choose(entry);
      place.scrollIntoView({ block: 'nearest' });
    });
  }
  const turn = (by) => {
    const at = findable.findIndex((entry) => entry.hasAttribute('data-chosen'));
    const next = at < 0 ? (by > 0 ? 0 : -1) : (at + by + findable.length) % findable.length;
    if (findable.length) {
      choose(findable.at(next));
    }
  };
  for (const { name, viewer, container } of two) {
    viewer.get('eventBus').on('element.click', ({ element: clicked }) => {
      const entry = findable.find((each) => ids[name](each) === (clicked.labelTarget ?? clicked).id);
      if (entry) {
        choose(entry);
        entry.scrollIntoView({ block: 'nearest' });
      }
    });
    container.addEventListener('keydown', (event) => move(viewer, event));
  }
  const canvases = two.map(({ viewer }) => viewer.get('canvas'));
  keepInStep(two.map(({ viewer }) => viewer));
  sides.before(tools(canvases[1], two[1].viewer.get('zoomScroll'), turn, findable.length), legend());
  canvases[1].zoom('fit-viewport', 'auto');
  // A large drawing would be too small to read: it begins at the first change.
  const first = canvases[1].zoom() < SMALL && two.findLast(({ name, viewer }) => findable.length && has(viewer, ids[name](findable[0])));
  if (first) {
    bringInto(first.viewer, ids[first.name](findable[0]));
  }
  comparison.dataset.state = 'shown';
}

async function drawn(container, url) {
  // A wheel over the diagram scrolls the page, as it does everywhere else.
  const viewer = new NavigatedViewer({ container, zoomScroll: { enabled: false } });
  try {
    const response = await fetch(url, { headers: { Accept: 'application/xml' } });
    if (!response.ok) {
      throw new Error(`${response.status}`);
    }
    await viewer.importXML(await response.text());
  } catch (error) {
    viewer.destroy();
    throw error;
  }
  const svg = container.querySelector('svg');
  svg.setAttribute('aria-hidden', 'true');
  // The frame around it is the tab stop.
  svg.removeAttribute('tabindex');
  return viewer;
}

function has(viewer, id) {
  return Boolean(id && viewer.get('elementRegistry').get(id));
}

function mark(viewer, id, kind) {
  const found = viewer.get('elementRegistry').get(id);
  if (!found || !found.parent) {
    return;
  }
  viewer.get('canvas').addMarker(id, `compared-${kind}`);
  if (FRAMES.has(found.type)) {
    viewer.get('canvas').addMarker(id, 'compared-frame');
  }
  const badge = element('span', { className: 'compared-badge', textContent: SIGNS[kind], title: words[kind] });
  badge.dataset.mark = kind;
  const middle = found.waypoints?.[Math.floor((found.waypoints.length - 1) / 2)];
  const next = found.waypoints?.[Math.floor((found.waypoints.length - 1) / 2) + 1];
  const position = middle
    ? { left: (middle.x + next.x) / 2 - Math.min(...found.waypoints.map((each) => each.x)) - 11, top: (middle.y + next.y) / 2 - Math.min(...found.waypoints.map((each) => each.y)) - 11 }
    : { top: -11, left: -11 };
  viewer.get('overlays').add(id, 'compared', { position, html: badge, show: { minZoom: 0.35 } });
}

function select(viewer, id) {
  const canvas = viewer.get('canvas');
  for (const each of viewer.get('elementRegistry').filter((found) => canvas.hasMarker(found, 'compared-chosen'))) {
    canvas.removeMarker(each, 'compared-chosen');
  }
  if (has(viewer, id)) {
    canvas.addMarker(id, 'compared-chosen');
  }
}

function bringInto(viewer, id) {
  const canvas = viewer.get('canvas');
  if (canvas.zoom() < READABLE) {
    canvas.zoom(READABLE);
  }
  const box = canvas.viewbox();
  const found = canvas.getAbsoluteBBox(viewer.get('elementRegistry').get(id));
  const centre = { x: found.x + found.width / 2, y: found.y + found.height / 2 };
  canvas.scroll({ dx: (box.width * box.scale) / 2 - centre.x, dy: (box.height * box.scale) / 2 - centre.y });
}

function keepInStep(viewers) {
  let isFollowing = false;
  for (const [at, viewer] of viewers.entries()) {
    const other = viewers[1 - at].get('canvas');
    viewer.get('eventBus').on('canvas.viewbox.changed', ({ viewbox }) => {
      if (!isFollowing) {
        isFollowing = true;
        other.viewbox({ x: viewbox.x, y: viewbox.y, width: viewbox.width, height: viewbox.height });
        isFollowing = false;
      }
    });
  }
}

const ARROWS = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] };

function move(viewer, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  if (ARROWS[event.key]) {
    const [dx, dy] = ARROWS[event.key];
    viewer.get('canvas').scroll({ dx, dy });
  } else if (event.key === '+' || event.key === '-') {
    viewer.get('zoomScroll').stepZoom(event.key === '+' ? 1 : -1);
  } else {
    return;
  }
  event.preventDefault();
}

function tools(canvas, zoomScroll, turn, count) {
  const bar = element('div', { className: 'compared-tools', role: 'group', ariaLabel: words.tools });
  bar.append(
    ...(count ? [button(words.before, () => turn(-1)), button(words.after, () => turn(1))] : []),
    button(words.larger, () => zoomScroll.stepZoom(1)),
    button(words.smaller, () => zoomScroll.stepZoom(-1)),
    button(words.whole, () => canvas.zoom('fit-viewport', 'auto')),
  );
  return bar;
}

function legend() {
  const row = element('div', { className: 'compared-legend' });
  for (const [kind, sign] of Object.entries(SIGNS)) {
    const tag = element('span', { className: 'ds-tag compared-tag' });
    tag.dataset.mark = kind;
    tag.append(element('span', { textContent: sign, ariaHidden: 'true' }), ` ${words[kind]}`);
    row.append(tag);
  }
  return row;
}

function button(text, onclick) {
  const result = element('button', { type: 'button', className: 'ds-button', textContent: text, onclick });
  result.dataset.variant = 'secondary';
  result.dataset.size = 'sm';
  return result;
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}

for (const comparison of document.querySelectorAll('[data-comparison]')) {
  show(comparison);
}
