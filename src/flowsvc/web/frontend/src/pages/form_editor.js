// The editor of a form: form-js to draw in, a list of fields and their properties that need no mouse, and beside them the
// form as the server will show it to staff.
import { FormEditor as Editor } from '@bpmn-io/form-js-editor';
import { drafting } from '../drafting.js';
import { allFields, fieldList, titleOf } from '../tables/form_fields.js';
import { formPreview } from '../tables/form_preview.js';
import { propertiesPanel } from '../tables/form_properties.js';
import { formFile } from '../tables/form_schema.js';
import { watchWords } from '../tables/form_words.js';
import { button, element, say, showProblems } from '../tables/page.js';

// form-js without its own panel of properties: ours has what the server understands, in the page's language.
class FormEditor extends Editor {
  _getModules() {
    const stub = { propertiesPanel: ['value', { attachTo() {}, detach() {} }] };
    return super._getModules().map((each) => ('propertiesPanel' in each ? stub : each));
  }
}

function history(editor) {
  const stack = editor.get('commandStack');
  const undo = button(say('Ångra', 'Undo'), () => stack.undo(), { disabled: true });
  const redo = button(say('Gör om', 'Redo'), () => stack.redo(), { disabled: true });
  document
    .getElementById('tools')
    .replaceChildren(element('div', { className: 'tool-group', role: 'group', ariaLabel: say('Ändringar', 'Changes') }, undo, redo));
  return () => {
    const held = document.activeElement;
    undo.disabled = !stack.canUndo();
    redo.disabled = !stack.canRedo();
    // A button that has become disabled must not take the focus with it.
    if (held === undo && undo.disabled) {
      redo.focus();
    } else if (held === redo && redo.disabled) {
      undo.focus();
    }
  };
}

function placeOf(editor, fields, id) {
  const found = allFields(editor._getState().schema).find(({ field }) => [field.id, field.key, field.path].includes(id));
  return found ? { words: `”${titleOf(found.field)}”`, go: () => fields.choose(found.field.id) } : null;
}

// form-js gives the focus to what it draws anew; whoever writes in the list or the properties keeps it.
function keepFocus(drawing) {
  let isMoving = false;
  const moves = () => {
    isMoving = true;
    setTimeout(() => {
      isMoving = false;
    });
  };
  document.addEventListener('pointerdown', moves, true);
  document.addEventListener('keydown', ({ key }) => key === 'Tab' && moves(), true);
  drawing.addEventListener('focusin', ({ relatedTarget }) => {
    if (!isMoving && relatedTarget?.closest('.fields-side')) {
      relatedTarget.focus();
    }
  });
}

function failed(container) {
  container.dataset.state = 'failed';
  container.replaceChildren(
    element('p', {
      className: 'ds-alert',
      dataset: { color: 'danger' },
      textContent: say(
        'Filen går inte att visa som formulär. Ändra källtexten längst ner på sidan, eller läs in en annan fil.',
        'The file cannot be shown as a form. Change the source at the end of the page, or upload another file.',
      ),
    }),
  );
}

async function start(container) {
  let unchanged = null;
  let file = null;
  let editor = null;
  const read = async () => unchanged ?? file.write(editor.getSchema());
  let fields = null;
  const draft = drafting(container, {
    read,
    onProblems: (problems) => showProblems(problems, container.dataset.file, (each) => fields && placeOf(editor, fields, each.elementId)),
  });
  unchanged = await draft.load();
  try {
    file = formFile(unchanged);
    const drawing = element('div', { className: 'form-drawing' });
    container.replaceChildren(drawing);
    editor = new FormEditor({ container: drawing, propertiesPanel: { parent: document.createElement('div') } });
    watchWords(container);
    keepFocus(drawing);
    await editor.importSchema(structuredClone(file.schema));
    file.imported(editor.getSchema());
  } catch (error) {
    console.warn(error);
    failed(container);
    draft.check().catch(() => {});
    return;
  }
  fields = fieldList(document.getElementById('fields'), editor);
  const panel = propertiesPanel(document.getElementById('properties'), editor);
  const preview = formPreview(document.getElementById('preview'), document.getElementById('preview-tools'), {
    address: container.dataset.preview,
    csrf: container.dataset.csrf,
    read,
  });
  const stacked = history(editor);
  editor.on('commandStack.changed', () => {
    unchanged = null;
    stacked();
    fields.draw();
    panel.draw();
    preview.changed();
    draft.changed();
  });
  editor.on('selection.changed', () => {
    fields.draw();
    panel.draw();
  });
  // What the editor makes of a file that nobody changes: the tests of what it keeps ask for it.
  container.rewritten = async (text) => {
    const apart = new FormEditor({ propertiesPanel: { parent: document.createElement('div') } });
    const other = formFile(text);
    await apart.importSchema(structuredClone(other.schema));
    other.imported(apart.getSchema());
    const written = other.write(apart.getSchema());
    apart.destroy();
    return written;
  };
  fields.draw();
  panel.draw();
  container.dataset.state = 'ready';
  draft.check().catch(() => {});
}

const container = document.getElementById('editor');
if (container) {
  start(container);
}
