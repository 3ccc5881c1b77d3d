// Tries the table as it stands on the screen: what goes in is asked of the server, which runs the unsaved table and says
// which rules gave the answer; those are marked in the table.
import { announce, ask, button, element, say } from './page.js';

export function tryTable(place, { address, csrf, read, mark }) {
  const form = element('form', { className: 'try-table', noValidate: true });
  const answer = element('div', { className: 'try-answer' });
  const choice = element('select', { id: 'try-decision', className: 'ds-input' });
  let asked = 0;

  async function refresh() {
    const now = ++asked;
    let found;
    try {
      found = await ask(address, csrf, { source: await read(), decision: choice.value });
    } catch (error) {
      if (now === asked) {
        form.replaceChildren(element('p', { textContent: error.message }));
      }
      return;
    }
    if (now === asked) {
      draw(found);
    }
  }

  function draw(found) {
    const before = Object.fromEntries(new FormData(form));
    const focused = document.activeElement?.id;
    const isSame = choice.options.length === found.decisions.length && [...choice.options].every((o, n) => o.text === found.decisions[n].name);
    if (!isSame) {
      choice.replaceChildren(...found.decisions.map(({ key, name }) => new Option(name, key, false, key === found.decision)));
    }
    const fields = found.inputs.map((each, n) => field(each, n, before[each.name] ?? ''));
    form.replaceChildren(
      ...(found.decisions.length > 1 ? [labelled(say('Beslut', 'Decision'), choice)] : []),
      element('div', { className: 'try-inputs' }, ...fields),
      element('div', { className: 'actions' }, button(say('Pröva', 'Try'), undefined, { type: 'submit', variant: 'primary' })),
      answer,
    );
    document.getElementById(focused)?.focus();
  }

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const variables = Object.fromEntries(new FormData(form));
    try {
      const found = await ask(address, csrf, { source: await read(), decision: choice.value, variables });
      show(found);
    } catch (error) {
      mark([]);
      answer.replaceChildren(element('p', { className: 'ds-alert', textContent: error.message, dataset: { color: 'danger' } }));
      announce(error.message);
    }
  });
  choice.addEventListener('change', () => {
    answer.replaceChildren();
    refresh();
  });

  function show(found) {
    mark(found.matched);
    const rules = found.matched.map(({ words }) => words).join(', ');
    const said = found.matched.length
      ? `${say('Träff', 'Match')}: ${rules}.`
      : say('Ingen regel träffar.', 'No rule matches.');
    answer.replaceChildren(
      element('p', {}, element('strong', { textContent: said })),
      element('dl', { className: 'facts' }, ...found.outputs.map(({ label, value }) =>
        element('div', {}, element('dt', { textContent: label }), element('dd', { textContent: value })))),
      ...found.warnings.map((text) => element('p', { className: 'small', textContent: text })),
    );
    announce(`${said} ${found.outputs.map(({ label, value }) => `${label}: ${value}`).join('. ')}`);
  }

  place.append(form);
  return { refresh };
}

function labelled(text, input) {
  return element('div', { className: 'ds-field' }, element('label', { className: 'ds-label', htmlFor: input.id, textContent: text }), input);
}

function field({ name, label, type, values }, n, value) {
  const id = `try-${n}`;
  const words = label && label !== name ? `${label} (${name})` : name;
  if (type === 'boolean') {
    const input = element('select', { id, name, className: 'ds-input' });
    input.append(new Option(say('Inget', 'Nothing'), ''), new Option(say('Ja', 'Yes'), 'true'), new Option(say('Nej', 'No'), 'false'));
    input.value = value;
    return labelled(words, input);
  }
  const input = element('input', { id, name, value, className: 'ds-input', autocomplete: 'off' });
  if (type === 'number') {
    input.inputMode = 'decimal';
  }
  if (type === 'date') {
    input.type = 'date';
  }
  const made = labelled(words, input);
  if (values.length) {
    made.append(element('datalist', { id: `${id}-values` }, ...values.map((each) => new Option(each, each))));
    input.setAttribute('list', `${id}-values`);
  }
  return made;
}
