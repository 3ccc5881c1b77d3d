// The editor of a DMN file: dmn-js in the page's language, with buttons for what it has under the right mouse button, the
// server's check in words beside it, and the table tried as it stands.
import DmnModeler from 'dmn-js/lib/Modeler';
import { drafting } from '../drafting.js';
import { translations, watchWords } from '../tables/dmn_words.js';
import { placeOf, ruleButtons } from '../tables/dmn_rules.js';
import { tryTable } from '../tables/dmn_trying.js';
import { button, element, language, say, showProblems } from '../tables/page.js';

const VIEWS = {
  drd: say('Beslutsdiagram', 'Decision diagram'),
  decisionTable: say('Tabell', 'Table'),
  literalExpression: say('Uttryck', 'Expression'),
  boxedExpression: say('Funktion', 'Function'),
};

// A process owner comes for the table; the diagram of a file that has several is a click away.
class Modeler extends DmnModeler {
  _getInitialView(views, preferred) {
    return views.find(({ type }) => !preferred && type === 'decisionTable') ?? super._getInitialView(views, preferred);
  }
}

function modelerIn(container) {
  const words = { additionalModules: [translations(language)] };
  const modeler = new Modeler({
    container,
    drd: words,
    decisionTable: words,
    literalExpression: words,
    boxedExpression: words,
  });
  watchWords(container, language);
  return modeler;
}

// The buttons above the drawing: undo and redo, rules and columns, and the views of the file.
function tools(modeler) {
  const trigger = (name) => () => modeler.getActiveViewer()?.get('editorActions').trigger(name);
  const undo = button(say('Ångra', 'Undo'), trigger('undo'), { disabled: true });
  const redo = button(say('Gör om', 'Redo'), trigger('redo'), { disabled: true });
  const history = element('div', { className: 'tool-group', role: 'group', ariaLabel: say('Ändringar', 'Changes') }, undo, redo);
  const views = element('nav', { className: 'views', ariaLabel: say('Beslut i filen', 'Decisions in the file') });
  const rules = ruleButtons(modeler);
  const bar = document.getElementById('tools');
  bar.replaceChildren(views, history, ...rules);
  return {
    stacked() {
      const stack = modeler.getActiveViewer()?.get('commandStack', false);
      const lost = document.activeElement;
      undo.disabled = !stack?.canUndo();
      redo.disabled = !stack?.canRedo();
      // A button that has become disabled must not take the focus with it.
      if (lost === undo && undo.disabled) {
        (redo.disabled ? bar.querySelector('button:enabled') : redo)?.focus();
      }
      if (lost === redo && redo.disabled) {
        undo.focus();
      }
    },
    viewed() {
      const active = modeler.getActiveView();
      for (const each of rules) {
        each.hidden = active?.type !== 'decisionTable';
      }
      const all = modeler.getViews();
      views.hidden = all.length < 2;
      views.replaceChildren(...all.map((view) => viewButton(modeler, view, view.id === active?.id && view.type === active?.type)));
    },
  };
}

function viewButton(modeler, view, isActive) {
  const name = view.type === 'drd' ? VIEWS.drd : view.name || view.id;
  const made = button(name, () => modeler.open(view), { variant: isActive ? 'primary' : 'tertiary' });
  if (isActive) {
    made.setAttribute('aria-current', 'true');
  }
  made.title = VIEWS[view.type];
  return made;
}

// The rules that gave an answer stand out, in colour and with words for those who hear the page.
function mark(container, matched) {
  for (const each of container.querySelectorAll('.rule-matched')) {
    each.classList.remove('rule-matched');
  }
  for (const { rule } of matched) {
    container.querySelector(`[data-row-id="${CSS.escape(rule)}"]`)?.closest('tr')?.classList.add('rule-matched');
  }
}

async function start(container) {
  const modeler = modelerIn(container);
  // What nobody has changed stays as it was written, to the byte.
  let unchanged = null;
  const read = async () => unchanged ?? (await modeler.saveXML({ format: true })).xml;
  const draft = drafting(container, {
    read,
    onProblems: (problems) => showProblems(problems, container.dataset.file, (each) => placeOf(modeler, each.elementId)),
  });
  const bar = tools(modeler);
  const trial = tryTable(document.getElementById('try'), {
    address: container.dataset.source.replace(/source$/, 'evaluate'),
    csrf: container.dataset.csrf,
    read,
    mark: (matched) => mark(container, matched),
  });
  // What the editor makes of a file that nobody changes: the tests of what it keeps ask for it.
  container.rewritten = async (text) => {
    const apart = new Modeler({ container: document.createElement('div') });
    await apart.importXML(text);
    const { xml } = await apart.saveXML({ format: true });
    apart.destroy();
    return xml;
  };
  modeler.on('views.changed', () => bar.viewed());
  modeler.on('viewer.created', ({ viewer }) => {
    viewer.on('commandStack.changed', () => {
      bar.stacked();
      // Reading a file runs commands too; only what a person changes can be undone.
      if (viewer.get('commandStack').canUndo() || viewer.get('commandStack').canRedo()) {
        unchanged = null;
        mark(container, []);
        draft.changed();
        trial.refresh();
      }
    });
  });
  try {
    unchanged = await draft.load();
    await modeler.importXML(unchanged);
  } catch (error) {
    container.dataset.state = 'failed';
    container.replaceChildren(
      element('p', {
        className: 'ds-alert',
        dataset: { color: 'danger' },
        textContent: say(
          'Filen går inte att visa som tabell. Ändra källtexten längst ner på sidan, eller ladda upp en annan fil.',
          'The file cannot be shown as a table. Change the source at the end of the page, or upload another file.',
        ),
      }),
    );
    console.warn(error);
    return;
  }
  bar.viewed();
  bar.stacked();
  container.dataset.state = 'ready';
  trial.refresh();
  draft.check();
}

const container = document.getElementById('editor');
if (container) {
  start(container);
}
