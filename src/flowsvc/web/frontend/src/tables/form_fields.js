// The list of fields beside the drawing: selects, adds, moves and removes them with buttons alone.
import { announce, button, element, say } from './page.js';
import { KINDS, OFFERED } from './form_words.js';

const HOLDERS = ['group', 'dynamiclist'];

export function titleOf(field) {
  const text = field.label || field.dateLabel || field.timeLabel || field.text || field.key || field.path || '';
  const plain = text.replace(/[*#_]/g, '').replace(/\s+/g, ' ').trim();
  return plain.length > 60 ? `${plain.slice(0, 57)}…` : plain || KINDS[field.type] || field.type;
}

// Every field with its depth, in the order of the form.
export function allFields(schema) {
  const found = [];
  const walk = (components, depth) => {
    for (const field of components ?? []) {
      found.push({ field, depth });
      walk(field.components, depth + 1);
    }
  };
  walk(schema.components, 0);
  return found;
}

export function fieldList(place, editor) {
  const registry = editor.get('formFieldRegistry');
  const selection = editor.get('selection');
  const modeling = editor.get('modeling');
  const list = element('ul', { className: 'field-list' });
  const kind = element('select', { id: 'new-kind', className: 'ds-input' });
  kind.append(...OFFERED.map((each) => new Option(KINDS[each], each)));
  const whole = button(say('Hela formuläret', 'The whole form'), () => selection.clear(), { variant: 'tertiary' });
  place.replaceChildren(
    whole,
    list,
    element(
      'div',
      { className: 'tool-group', role: 'group', ariaLabel: say('Det valda fältet', 'The selected field') },
      button(say('Upp', 'Up'), () => move(-1), { id: 'field-up', ariaLabel: say('Flytta upp fältet', 'Move up the field') }),
      button(say('Ner', 'Down'), () => move(1), { id: 'field-down', ariaLabel: say('Flytta ner fältet', 'Move down the field') }),
      button(say('Ta bort', 'Remove'), remove, { id: 'field-remove', ariaLabel: say('Ta bort fältet', 'Remove the field') }),
    ),
    element(
      'form',
      { className: 'add-field', onsubmit: add },
      element('div', { className: 'ds-field' }, element('label', { className: 'ds-label', htmlFor: 'new-kind', textContent: say('Nytt fält', 'New field') }), kind),
      button(say('Lägg till fält', 'Add field'), undefined, { type: 'submit' }),
    ),
  );

  const schema = () => editor._getState().schema;
  const parentOf = (field) => registry.get(field._parent) ?? schema();
  const chosen = () => {
    const field = selection.get();
    return field && field.type !== 'default' ? field : null;
  };

  function draw() {
    const held = document.activeElement?.closest?.('.field-list') ? document.activeElement.dataset.id : null;
    const active = chosen()?.id;
    whole.ariaPressed = String(!active);
    list.replaceChildren(
      ...allFields(schema()).map(({ field, depth }) => {
        const made = button(titleOf(field), () => choose(field.id), {
          variant: 'tertiary',
          ariaPressed: String(field.id === active),
          title: KINDS[field.type] ?? field.type,
        });
        made.dataset.id = field.id;
        made.append(element('span', { className: 'unseen', textContent: `, ${KINDS[field.type] ?? field.type}` }));
        return element('li', { dataset: { depth: Math.min(depth, 3) } }, made);
      }),
    );
    if (held) {
      list.querySelector(`[data-id="${CSS.escape(held)}"]`)?.focus();
    }
    list.querySelector('[aria-pressed="true"]')?.scrollIntoView({ block: 'nearest' });
  }

  // The field is selected and its properties are open, with focus on their first input.
  function choose(id) {
    const field = registry.get(id);
    if (field) {
      selection.set(field);
      openProperties();
    }
  }

  function add(event) {
    event.preventDefault();
    const at = chosen();
    const isInside = at && HOLDERS.includes(at.type);
    const target = isInside ? at : at ? parentOf(at) : schema();
    const index = isInside || !at ? target.components.length : target.components.indexOf(at) + 1;
    const type = kind.value;
    const made = modeling.addFormField(startOf(type), target, index);
    selection.set(made);
    announce(say(`${KINDS[type]} är tillagt.`, `${KINDS[type]} is added.`));
    openProperties();
  }

  function move(by) {
    const field = chosen();
    if (!field) {
      announce(say('Välj ett fält först.', 'Choose a field first.'));
      return;
    }
    const parent = parentOf(field);
    const at = parent.components.indexOf(field);
    const to = at + by;
    if (to < 0 || to >= parent.components.length) {
      announce(say('Fältet står redan ytterst.', 'The field already stands outermost.'));
      return;
    }
    const pressed = document.activeElement;
    modeling.moveFormField(field, parent, parent, at, by > 0 ? to + 1 : to, editor.get('formLayouter').getRowForField(field), null);
    announce(say(`Fältet är nu nummer ${to + 1}.`, `The field is now number ${to + 1}.`));
    requestAnimationFrame(() => pressed?.focus());
  }

  function remove() {
    const field = chosen();
    if (!field) {
      announce(say('Välj ett fält först.', 'Choose a field first.'));
      return;
    }
    const parent = parentOf(field);
    const pressed = document.activeElement;
    modeling.removeFormField(field, parent, parent.components.indexOf(field));
    announce(say(`${titleOf(field)} är borttaget. Ångra med knappen Ångra.`, `${titleOf(field)} is removed. Undo with the button Undo.`));
    requestAnimationFrame(() => pressed?.focus());
  }

  return { draw, choose };
}

// form-js gives the focus to what it draws; the properties have it after that.
function openProperties() {
  setTimeout(() => document.querySelector('#properties input, #properties textarea, #properties select')?.focus());
}

// What a new field starts as: with a label, and nothing that the server would refuse.
function startOf(type) {
  const label = say('Ny fråga', 'New question');
  switch (type) {
    case 'text':
      return { type, text: say('Skriv texten här.', 'Write the text here.') };
    case 'datetime':
      return { type, subtype: 'date', dateLabel: label };
    case 'radio':
    case 'select':
    case 'checklist':
      return { type, label, values: [{ label: say('Alternativ', 'Option'), value: 'option_1' }] };
    case 'dynamiclist':
      return { type, label, path: undefined, isRepeating: true, allowAddRemove: true, showOutline: true, defaultRepetitions: 1, components: [] };
    case 'table':
      return { type, label, dataSource: '=rows', rowCount: 10, columns: [{ label: say('Kolumn', 'Column'), key: 'name' }] };
    case 'separator':
      return { type };
    case 'group':
      return { type, label, components: [] };
    default:
      return { type, label };
  }
}
