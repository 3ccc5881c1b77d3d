// A BPMN diagram to look at: <div data-diagram="URL of the XML" data-marks='{"elementId": "current"}' data-label="...">.
// The list in words beside it says the same; this picture adds what a list cannot, and nobody needs it. With
// data-counts='{"elementId": {"text": "3 !", "level": 1, "late": true}}' it says how many cases stand where; with
// data-process and a list of [data-elements], what is chosen in one is marked in the other.
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { pick } from '../picking.js';

const MARKS = new Set(['current', 'done', 'late', 'failed']);

const WORDS = {
  sv: {
    label: 'Processdiagram. Samma sak står i listan på sidan.',
    failed: 'Diagrammet kunde inte visas. Listan på sidan säger samma sak.',
    tools: 'Diagrammets storlek',
    larger: 'Större',
    smaller: 'Mindre',
    whole: 'Visa allt',
  },
  en: {
    label: 'Process diagram. The list on the page says the same.',
    failed: 'The diagram could not be shown. The list on the page says the same.',
    tools: 'Size of the diagram',
    larger: 'Larger',
    smaller: 'Smaller',
    whole: 'Show all',
  },
};

export async function show(container, tie = () => {}) {
  const words = WORDS[document.documentElement.lang.slice(0, 2)] ?? WORDS.sv;
  // A wheel over the diagram scrolls the page, as it does everywhere else.
  const viewer = new NavigatedViewer({ container, zoomScroll: { enabled: false } });
  try {
    const response = await fetch(container.dataset.diagram, { headers: { Accept: 'application/xml' } });
    if (!response.ok) {
      throw new Error(`${response.status}`);
    }
    await viewer.importXML(await response.text());
  } catch {
    viewer.destroy();
    container.append(element('p', { role: 'status', textContent: words.failed }));
    container.dataset.state = 'failed';
    return;
  }
  const canvas = viewer.get('canvas');
  mark(viewer, JSON.parse(container.dataset.marks || '{}'));
  count(viewer, JSON.parse(container.dataset.counts || '{}'));
  canvas.zoom('fit-viewport', 'auto');
  const svg = container.querySelector('svg');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', container.dataset.label || words.label);
  // bpmn-js makes it a tab stop; there is nothing in it to operate.
  svg.removeAttribute('tabindex');
  container.before(tools(canvas, viewer.get('zoomScroll'), words));
  if ('printCopy' in container.dataset) {
    await copyForPrint(container, viewer);
  }
  container.dataset.state = 'shown';
  tie(container.dataset.process, viewer);
}

// Paper gets the whole diagram, as a picture of lines and not of dots.
async function copyForPrint(container, viewer) {
  const { svg } = await viewer.saveSVG();
  const source = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  container.after(element('img', { className: 'on-paper', alt: '', src: source }));
}

// The list says the same in words.
function count(viewer, counts) {
  const registry = viewer.get('elementRegistry');
  for (const [id, { text, level, late }] of Object.entries(counts)) {
    if (registry.get(id)) {
      const html = element('div', { className: 'standing-mark', textContent: text });
      html.dataset.level = level;
      html.toggleAttribute('data-late', late);
      html.setAttribute('aria-hidden', 'true');
      viewer.get('overlays').add(id, 'standing', { position: { top: -14, right: 16 }, scale: { min: 0.75 }, html });
    }
  }
}

function mark(viewer, marks) {
  const registry = viewer.get('elementRegistry');
  for (const [id, name] of Object.entries(marks)) {
    // A mark for an element that this version of the diagram lacks is left out.
    if (MARKS.has(name) && registry.get(id)) {
      viewer.get('canvas').addMarker(id, `mark-${name}`);
    }
  }
}

function tools(canvas, zoomScroll, words) {
  const bar = element('div', { className: 'diagram-tools', role: 'group', ariaLabel: words.tools });
  bar.append(
    button(words.larger, () => zoomScroll.stepZoom(1)),
    button(words.smaller, () => zoomScroll.stepZoom(-1)),
    button(words.whole, () => canvas.zoom('fit-viewport', 'auto')),
  );
  return bar;
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

const list = document.querySelector('[data-elements]');
const tie = list ? pick(list) : undefined;

// A diagram is drawn when there is room for it: in something folded, when that is opened.
for (const container of document.querySelectorAll('[data-diagram]')) {
  const folded = container.closest('details:not([open])');
  if (folded) {
    folded.addEventListener('toggle', () => show(container, tie), { once: true });
  } else {
    show(container, tie);
  }
}
