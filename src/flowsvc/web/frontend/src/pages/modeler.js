// The BPMN editor: bpmn-js with our own panel, the diagram as a list beside it, and what is wrong in words. The file is
// fetched and kept by drafting.js.
import Modeler from 'bpmn-js/lib/Modeler';
import camundaBehaviors from 'camunda-bpmn-js-behaviors/lib/camunda-platform';
import camunda from 'camunda-bpmn-moddle/resources/camunda.json';
import { CreateAppendAnythingModule } from 'bpmn-js-create-append-anything';
import { BpmnPropertiesPanelModule } from 'bpmn-js-properties-panel';
import minimap from 'diagram-js-minimap';
import { drafting } from '../drafting.js';
import { asking } from '../modeler/asking.js';
import { say } from '../modeler/language.js';
import { make } from '../modeler/dom.js';
import { subjectOf } from '../modeler/model.js';
import { kindOf, nameOf } from '../modeler/reading.js';
import { lint, OURS_ALONE } from '../modeler/lint.js';
import { problemList } from '../modeler/problems.js';
import { provider } from '../modeler/properties/provider.js';
import { showForm } from '../modeler/preview.js';
import { steps } from '../modeler/steps.js';
import { toolbar } from '../modeler/toolbar.js';
import translations from '../modeler/translate.js';

const container = document.getElementById('editor');
const part = (name) => container.querySelector(`[data-part-of="${name}"]`);
const wide = matchMedia('(min-width: 60rem)');

/** The dialect without its defaults: what a file says stands in it afterwards too, be it what a default says. */
function withoutDefaults(descriptor) {
  return JSON.parse(JSON.stringify(descriptor, (key, value) => (key === 'default' ? undefined : value)));
}

let known = {};
const modeler = new Modeler({
  container: part('canvas'),
  moddleExtensions: { camunda: withoutDefaults(camunda) },
  propertiesPanel: { parent: part('properties') },
  additionalModules: [translations, BpmnPropertiesPanelModule, CreateAppendAnythingModule, camundaBehaviors, minimap, provider({ known: () => known, asks: asking(container.dataset.csrf), showForm: (form) => showForm(form, container.dataset) })],
});

// For tests, and for whoever wants to look at the diagram from the console.
container.modeler = modeler;

const told = part('told');
const tell = (words) => { told.textContent = words; };

/** The element is chosen and in sight; the focus goes to a field of it where one is named. */
function choose(element, { field } = {}) {
  if (!element || !modeler.get('elementRegistry').get(element.id)) {
    modeler.get('selection').select([]);
    return;
  }
  const canvas = modeler.get('canvas');
  if (element.parent) {
    const root = canvas.findRoot(element);
    if (root && root !== canvas.getRootElement()) canvas.setRootElement(root);
    modeler.get('selection').select(element);
    if (part('canvas').offsetHeight) canvas.scrollToElement(element, { top: 80, right: 160, bottom: 140, left: 140 });
  } else {
    canvas.setRootElement(element);
    modeler.get('selection').select([]);
  }
  // The panel draws itself after the selection has changed.
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const goal = field ? document.getElementById(field) : part('chosen');
    goal?.focus({ preventScroll: !field && wide.matches });
    if (field && goal?.select) goal.select();
  }));
}

const listed = steps(part('steps'), modeler, choose);
const problems = problemList(part('problems'), part('problem-count'), modeler, choose);
toolbar(part('acts'), modeler, { choose, tell, unfold });

let fromServer = [];
let lintWaits = 0;

async function judge() {
  lintWaits = 0;
  const rules = await lint(modeler.getDefinitions());
  const said = new Set(fromServer.filter((each) => each.severity === 'refused').map((each) => each.elementId));
  // What the server refuses it explains better; what it never asks about is told beside it.
  const all = [...fromServer, ...rules.filter((each) => !said.has(each.elementId) || OURS_ALONE.has(each.code))];
  listed.show(problems.draw(all, container.dataset.file));
  container.dataset.problems = all.length;
  document.getElementById('problems').toggleAttribute('data-fine', all.length === 0);
}

const draft = drafting(container, {
  read: async () => (await modeler.saveXML({ format: true })).xml,
  onProblems: (found) => {
    fromServer = found;
    container.dataset.checked = (Number(container.dataset.checked) || 0) + 1;
    judge();
  },
});

function tools() {
  const stack = modeler.get('commandStack');
  const undo = part('undo');
  const redo = part('redo');
  const show = () => {
    undo.disabled = !stack.canUndo();
    redo.disabled = !stack.canRedo();
  };
  undo.onclick = () => { stack.undo(); tell(say('Ångrat.', 'Undone.')); if (undo.disabled) redo.focus(); };
  redo.onclick = () => { stack.redo(); tell(say('Gjort om.', 'Done again.')); if (redo.disabled) undo.focus(); };
  part('search').onclick = () => {
    unfold();
    modeler.get('searchPad').toggle();
  };
  part('fit').onclick = () => {
    unfold();
    fit();
  };
  modeler.on('commandStack.changed', () => {
    show();
    draft.changed();
    lintWaits ||= requestAnimationFrame(judge);
  });
  // What is pressed in the list or in a field undoes too; a text field undoes its own text.
  container.addEventListener('keydown', (event) => {
    const isText = event.target.closest('input, textarea, select, [contenteditable]');
    if ((event.ctrlKey || event.metaKey) && !isText && !part('canvas').contains(event.target)) {
      const key = event.key.toLowerCase();
      if (key === 'z' || key === 'y') {
        event.preventDefault();
        (key === 'y' || event.shiftKey ? redo : undo).click();
      } else if (key === 'f') {
        event.preventDefault();
        part('search').click();
      }
    }
  });
  show();
}

/** The diagram is unfolded, since what opens on it would not be seen. */
function unfold() {
  part('canvas').closest('details').open = true;
}

/** The whole diagram is in sight, beside the palette; no smaller than `least`, and then its beginning. */
function fit(least = 0) {
  const canvas = modeler.get('canvas');
  const { inner, outer } = canvas.viewbox();
  if (!outer.width || !outer.height) {
    return;
  }
  const palette = (part('canvas').querySelector('.djs-palette')?.offsetWidth ?? 0) + 24;
  const scale = Math.max(least, Math.min(1, (outer.width - palette - 20) / inner.width, (outer.height - 40) / inner.height));
  const fits = inner.height * scale <= outer.height - 40;
  const top = fits ? inner.y - (outer.height / scale - inner.height) / 2 : inner.y - 20 / scale;
  canvas.viewbox({ x: inner.x - palette / scale, y: top, width: outer.width / scale, height: outer.height / scale });
}

function heading() {
  const chosen = part('chosen');
  const draw = () => {
    const [first, ...more] = modeler.get('selection').get();
    const element = first?.labelTarget ?? first;
    const kind = element ? kindOf(element) : say('Hela processen', 'The whole process');
    const name = element ? nameOf(element) : subjectOf(modeler.get('canvas').getRootElement()).get('name') ?? '';
    chosen.replaceChildren(...(more.length ? [say(`${more.length + 1} delar valda`, `${more.length + 1} chosen`)] : [make('span', { className: 'kind' }, kind), name]));
  };
  modeler.on('selection.changed', draw);
  modeler.on('elements.changed', draw);
  draw();
}

function nameTheParts() {
  const svg = part('canvas').querySelector('svg');
  svg.setAttribute('role', 'application');
  svg.setAttribute('aria-label', say('Diagrammet. Samma sak kan göras i listan med steg.', 'The diagram. The same can be done in the list of steps.'));
  for (const each of part('canvas').querySelectorAll('.djs-minimap .toggle')) {
    each.setAttribute('aria-hidden', 'true');
  }
}

async function begin() {
  const [xml, found] = await Promise.all([draft.load(), draft.known().catch(() => ({}))]);
  known = found;
  try {
    const { warnings } = await modeler.importXML(xml);
    container.dataset.warnings = warnings.length;
  } catch (error) {
    part('failed').hidden = false;
    container.dataset.state = 'failed';
    throw error;
  }
  tools();
  heading();
  nameTheParts();
  const folded = part('canvas').closest('details');
  const LEAST = 0.55;
  folded.open = wide.matches;
  folded.addEventListener('toggle', () => fit(LEAST), { once: true });
  fit(LEAST);
  container.dataset.state = 'shown';
  const named = modeler.get('elementRegistry').get(decodeURIComponent(location.hash.slice(1)));
  if (named) {
    // The panel follows what is chosen only once it stands there itself.
    requestAnimationFrame(() => requestAnimationFrame(() => choose(named)));
  }
  await judge();
  draft.check();
}

// What has been added to the draft in another tab can be chosen when one comes back.
addEventListener('focus', async () => {
  if (container.dataset.state === 'shown') {
    known = await draft.known().catch(() => known);
    modeler.get('eventBus').fire('propertiesPanel.providersChanged');
  }
});

begin();
