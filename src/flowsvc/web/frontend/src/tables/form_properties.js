// The properties of the selected field, or of the form, as plain fields in the page's language: all that the server
// understands, and the rest by name, so that nothing in a file is out of reach.
import { button, element, say } from './page.js';
import { KINDS } from './form_words.js';

const text = (label, path, more = {}) => ({ as: 'text', label, path, ...more });
const area = (label, path, more = {}) => ({ as: 'area', label, path, ...more });
const number = (label, path) => ({ as: 'number', label, path });
const check = (label, path, more = {}) => ({ as: 'check', label, path, ...more });
const choice = (label, path, options, more = {}) => ({ as: 'choice', label, path, options, ...more });
const rows = (label, path, columns, more = {}) => ({ as: 'rows', label, path, columns, ...more });
const own = (name) => ['properties', name];
const feel = (label, path) => text(label, path, { isFeel: true });

const LABELS = [text(say('Etikett', 'Label'), ['label']), text(say('Etikett (engelska)', 'Label (English)'), own('en.label'))];
const HELP = [
  text(say('Hjälptext', 'Help text'), ['description']),
  text(say('Hjälptext (engelska)', 'Help text (English)'), own('en.description')),
];
const KEY = [text(say('Nyckel (variabelns namn)', 'Key (name of the variable)'), ['key'])];
const REQUIRED = [
  check(say('Måste fyllas i', 'Must be filled in'), ['validate', 'required']),
  feel(say('Måste fyllas i när (FEEL)', 'Must be filled in when (FEEL)'), own('flowsvc:required')),
];
const HIDDEN = [feel(say('Visas inte när (FEEL)', 'Not shown when (FEEL)'), ['conditional', 'hide'])];
const SEEN = [
  choice(say('Vem får se svaret', 'Who may see the answer'), own('flowsvc:visibility'), [
    ['', say('Alla parter i ärendet', 'All parties of the case')],
    ['party', say('Bara den egna parten', 'The own party only')],
  ]),
  text(say('Fylls i från (variabel, eller today)', 'Filled in from (variable, or today)'), own('flowsvc:autofill')),
  check(say('Går inte att ändra', 'Cannot be changed'), ['readonly']),
];
const LENGTH = [number(say('Minsta antal tecken', 'Fewest characters'), ['validate', 'minLength']), number(say('Högsta antal tecken', 'Most characters'), ['validate', 'maxLength'])];
const OPTIONS = [
  rows(
    say('Alternativ', 'Options'),
    ['values'],
    [
      [say('Text', 'Text'), 'label'],
      [say('Text (engelska)', 'Text (English)'), (row) => `en.option.${row.value}`],
      [say('Värde', 'Value'), 'value'],
    ],
  ),
  choice(say('Eller hämta alternativen från katalogen', 'Or take the options from the directory'), own('flowsvc:options'), [
    ['', say('Nej', 'No')],
    ['units', say('Mina enheter', 'My units')],
    ['counterparts', say('Motpartens enheter', "The counterpart's units")],
    ['all_units', say('Alla enheter', 'All units')],
    ['parties', say('Parterna', 'The parties')],
    ['agreements', say('Överenskommelserna', 'The agreements')],
  ]),
  text(say('Eller från variabeln', 'Or from the variable'), ['valuesKey']),
];
const asked = (...more) => [...LABELS, ...HELP, ...REQUIRED, ...more, ...KEY, ...HIDDEN, ...SEEN];

const PANELS = {
  default: [
    text(say('Formulärets namn', 'Name of the form'), own('flowsvc:name')),
    text(say('Formulärets namn (engelska)', 'Name of the form (English)'), own('flowsvc:name:en')),
    text(say('Knappens text', 'Text of the button'), own('flowsvc:submit')),
    text(say('Knappens text (engelska)', 'Text of the button (English)'), own('flowsvc:submit:en')),
    text(say('Nyckel (diagram anger den)', 'Key (diagrams name it)'), ['id']),
    rows(say('Regler över flera fält', 'Rules over several fields'), ['flowsvc:rules'], [
      [say('Fel när (FEEL)', 'A fault when (FEEL)'), 'when'],
      [say('Fält', 'Field'), 'field'],
      [say('Vad som sägs', 'What is said'), 'message'],
      [say('Vad som sägs (engelska)', 'What is said (English)'), 'message:en'],
    ]),
  ],
  text: [area(say('Text', 'Text'), ['text']), area(say('Text (engelska)', 'Text (English)'), own('en.text')), ...HIDDEN],
  textfield: asked(
    ...LENGTH,
    choice(say('Ska vara', 'Must be'), ['validate', 'validationType'], [
      ['', say('Vad som helst', 'Anything')],
      ['email', say('En e-postadress', 'An e-mail address')],
      ['phone', say('Ett telefonnummer', 'A telephone number')],
    ]),
    text(say('Mönster (reguljärt uttryck)', 'Pattern (regular expression)'), ['validate', 'pattern']),
    text(say('Sägs när mönstret inte stämmer', 'Said when the pattern does not match'), ['validate', 'patternErrorMessage']),
  ),
  textarea: asked(...LENGTH),
  number: asked(
    choice(say('Slag av tal', 'Kind of number'), own('flowsvc:type'), [
      ['', say('Tal', 'Number')],
      ['money', say('Kronor', 'Kronor')],
      ['percent', say('Procent', 'Per cent')],
    ]),
    number(say('Minst', 'At least'), ['validate', 'min']),
    number(say('Högst', 'At most'), ['validate', 'max']),
    number(say('Decimaler', 'Decimals'), ['decimalDigits']),
  ),
  datetime: [
    text(say('Etikett', 'Label'), ['dateLabel'], { orAt: ['timeLabel'] }),
    LABELS[1],
    ...HELP,
    choice(say('Slag', 'Kind'), ['subtype'], [
      ['date', say('Datum', 'Date')],
      ['time', say('Klockslag', 'Time')],
      ['datetime', say('Datum och klockslag', 'Date and time')],
    ]),
    ...REQUIRED,
    feel(say('Inte före (today, variabel eller FEEL)', 'Not before (today, variable or FEEL)'), own('flowsvc:notBefore')),
    feel(say('Inte efter (today, variabel eller FEEL)', 'Not after (today, variable or FEEL)'), own('flowsvc:notAfter')),
    ...KEY,
    ...HIDDEN,
    ...SEEN,
  ],
  radio: asked(...OPTIONS),
  select: asked(...OPTIONS),
  checklist: asked(...OPTIONS),
  checkbox: asked(),
  filepicker: asked(check(say('Flera filer', 'Several files'), ['multiple'])),
  group: [...LABELS, ...HIDDEN],
  dynamiclist: [
    ...LABELS,
    ...HELP,
    text(say('Nyckel (variabelns namn)', 'Key (name of the variable)'), ['path']),
    REQUIRED[0],
    number(say('Antal rader från början', 'Rows to begin with'), ['defaultRepetitions']),
    check(say('Rader kan läggas till och tas bort', 'Rows can be added and removed'), ['allowAddRemove'], { isOnByDefault: true }),
    text(say('Summan av ett fält ska bli (fält=summa)', 'The sum of a field must be (field=sum)'), own('flowsvc:sum')),
    ...HIDDEN,
    SEEN[0],
  ],
  table: [
    ...LABELS,
    feel(say('Raderna kommer från (FEEL)', 'The rows come from (FEEL)'), ['dataSource']),
    rows(
      say('Kolumner', 'Columns'),
      ['columns'],
      [
        [say('Rubrik', 'Title'), 'label'],
        [say('Rubrik (engelska)', 'Title (English)'), (row) => `en.column.${row.key}`],
        [say('Nyckel', 'Key'), 'key'],
      ],
    ),
    ...HIDDEN,
  ],
};

const at = (field, path) => path.reduce((held, name) => held?.[name], field);

// What changes in the field when the place of the path says the value; nothing is left where it is empty.
function changeOf(field, [first, second], value) {
  if (second === undefined) {
    return { [first]: value };
  }
  const held = { ...(field[first] ?? {}) };
  if (value === undefined) {
    delete held[second];
  } else {
    held[second] = value;
  }
  return { [first]: Object.keys(held).length ? held : undefined };
}

export function propertiesPanel(place, editor) {
  const modeling = editor.get('modeling');
  const selection = editor.get('selection');
  let shown = null;
  let isOwn = false;

  // One command at a time, with no drawing of the panel for what was typed in it.
  function edit(field, changes) {
    isOwn = true;
    try {
      modeling.editFormField(field, changes);
    } finally {
      isOwn = false;
    }
  }

  function draw() {
    const field = selection.get() ?? editor._getState().schema;
    if (isOwn && shown === field) {
      return;
    }
    const held = shown === field ? document.activeElement?.id : null;
    shown = field;
    const items = PANELS[field.type] ?? (field.type ? [] : PANELS.default);
    place.replaceChildren(
      element('p', { className: 'small', textContent: field.type === 'default' || !field.type ? say('Hela formuläret', 'The whole form') : (KINDS[field.type] ?? field.type) }),
      ...items.map((item, n) => control(field, item, n)),
      others(field, items),
    );
    if (held) {
      document.getElementById(held)?.focus();
    }
  }

  function control(field, item, n) {
    const id = `property-${n}`;
    if (item.as === 'rows') {
      return rowsOf(field, item, id);
    }
    const path = item.orAt && at(field, item.path) === undefined && at(field, item.orAt) !== undefined ? item.orAt : item.path;
    const value = at(field, path);
    const label = element('label', { className: 'ds-label', htmlFor: id, textContent: item.label });
    let input;
    const put = (said) => {
      if (said !== at(field, path)) {
        edit(field, changeOf(field, path, said));
      }
    };
    if (item.as === 'check') {
      input = element('input', { id, type: 'checkbox', className: 'ds-input', checked: item.isOnByDefault ? value !== false : value === true });
      input.onchange = () => put(item.isOnByDefault ? (input.checked ? true : false) : input.checked || undefined);
      return element('div', { className: 'ds-field' }, input, label);
    }
    if (item.as === 'choice') {
      input = element('select', { id, className: 'ds-input' });
      input.append(...item.options.map(([each, words]) => new Option(words, each)));
      if (value !== undefined && !item.options.some(([each]) => each === value)) {
        input.append(new Option(value, value));
      }
      input.value = value ?? '';
      input.onchange = () => put(input.value || undefined);
    } else {
      input = element(item.as === 'area' ? 'textarea' : 'input', { id, className: 'ds-input', value: value ?? '', autocomplete: 'off' });
      input.spellcheck = !item.isFeel;
      if (item.as === 'area') {
        input.rows = 4;
      }
      if (item.as === 'number') {
        input.inputMode = 'decimal';
      }
      input.oninput = () => put(item.as === 'number' ? numberOf(input.value) : input.value || undefined);
    }
    if (item.path[0] === 'key' || item.path[0] === 'path' || item.path[0] === 'id') {
      // A key is claimed by its field: half of one must not be, nor none.
      input.oninput = null;
      input.onchange = () => (input.value.trim() ? put(input.value.trim()) : (input.value = value ?? ''));
    }
    return element('div', { className: 'ds-field' }, label, input);
  }

  // A list of rows, such as options: a small table of inputs with buttons to add and remove.
  function rowsOf(field, item, id) {
    const list = at(field, item.path) ?? [];
    const box = element('fieldset', { className: 'ds-fieldset property-rows', id }, element('legend', { className: 'ds-label', textContent: item.label }));
    const redraw = (focus) => {
      const fresh = rowsOf(field, item, id);
      box.replaceWith(fresh);
      fresh.querySelector(focus)?.focus();
    };
    const put = (changed) => edit(field, { [item.path[0]]: changed.length ? changed : undefined });
    list.forEach((row, n) => {
      const inputs = item.columns.map(([label, name]) => {
        const isOwnText = typeof name === 'function';
        const current = () => (at(field, item.path) ?? [])[n] ?? row;
        const value = isOwnText ? field.properties?.[name(row)] : row[name];
        const input = element('input', { className: 'ds-input', value: value ?? '', ariaLabel: `${item.label} ${n + 1}: ${label}`, placeholder: label, autocomplete: 'off' });
        input.oninput = () => {
          if (isOwnText) {
            edit(field, changeOf(field, ['properties', name(current())], input.value || undefined));
            return;
          }
          const before = current();
          const after = { ...before, [name]: input.value };
          const texts = item.columns.filter(([, each]) => typeof each === 'function').map(([, each]) => each);
          const moved = texts.reduce((held, each) => moveText(held, each(before), each(after)), field.properties);
          const changed = (at(field, item.path) ?? []).map((each, m) => (m === n ? after : each));
          edit(field, moved === field.properties ? { [item.path[0]]: changed } : { [item.path[0]]: changed, properties: moved });
        };
        return input;
      });
      box.append(
        element(
          'div',
          { className: 'property-row' },
          ...inputs,
          button(say('Ta bort', 'Remove'), () => {
            put((at(field, item.path) ?? []).filter((_each, m) => m !== n));
            redraw('.row-add');
          }, { variant: 'tertiary', ariaLabel: `${say('Ta bort', 'Remove')} ${item.label} ${n + 1}` }),
        ),
      );
    });
    const adding = button(say('Lägg till', 'Add'), () => {
      put([...list, startRow(item, list.length)]);
      redraw('.property-row:last-of-type input');
    }, { ariaLabel: `${say('Lägg till', 'Add')}: ${item.label}` });
    adding.classList.add('row-add');
    box.append(adding);
    return box;
  }

  // What no field above reaches, by its name in the file.
  function others(field, items) {
    const reached = new Set(items.filter(({ path }) => path[0] === 'properties').map(({ path }) => path[1]));
    const isText = (name) => /^en\.(option|column)\.[^.]+$/.test(name);
    const names = Object.keys(field.properties ?? {}).filter((name) => !reached.has(name) && !isText(name));
    const box = element('details', { className: 'filter' }, element('summary', { textContent: say('Övriga egenskaper', 'Other properties') }));
    const row = (name) => {
      const key = element('input', { className: 'ds-input', value: name, ariaLabel: say('Egenskapens namn', 'Name of the property'), autocomplete: 'off' });
      const value = element('input', { className: 'ds-input', value: field.properties?.[name] ?? '', ariaLabel: say('Egenskapens värde', 'Value of the property'), autocomplete: 'off' });
      let current = name;
      const put = () => {
        const held = { ...(field.properties ?? {}) };
        delete held[current];
        current = key.value.trim();
        if (current) {
          held[current] = value.value;
        }
        edit(field, { properties: Object.keys(held).length ? held : undefined });
      };
      key.onchange = put;
      value.oninput = put;
      return element('div', { className: 'property-row' }, key, value);
    };
    const adding = button(say('Lägg till egenskap', 'Add property'), () => {
      const made = row('');
      adding.before(made);
      made.querySelector('input').focus();
    });
    box.append(...names.map(row), adding);
    return box;
  }

  return { draw };
}

function numberOf(written) {
  const plain = written.trim().replace(',', '.');
  return plain === '' || Number.isNaN(Number(plain)) ? undefined : Number(plain);
}

function moveText(held, from, to) {
  if (from === to || held?.[from] === undefined) {
    return held;
  }
  const { [from]: kept, ...rest } = held;
  return { ...rest, [to]: kept };
}

function startRow(item, n) {
  const made = {};
  for (const [, name] of item.columns) {
    if (typeof name === 'string') {
      made[name] = name === 'value' ? `option_${n + 1}` : name === 'key' ? `column_${n + 1}` : name === 'label' ? say('Ny', 'New') : '';
    }
  }
  return made;
}

