// The form as staff will see it, made by the server from what stands in the editor, saved or not.
import { announce, ask, element, language, say } from './page.js';

const QUIET = 700;

export function formPreview(place, toolsPlace, { address, csrf, read }) {
  let timer = 0;
  let asked = 0;
  let isFirst = true;
  const words = choice('preview-language', say('Språk', 'Language'), [['sv', 'Svenska'], ['en', 'English']], language);
  const width = choice('preview-width', say('Bredd', 'Width'), [['phone', say('Telefon', 'Phone')], ['wide', say('Dator', 'Computer')]], 'phone');
  const everything = element('input', { type: 'checkbox', id: 'preview-everything', className: 'ds-input', checked: true });
  toolsPlace.replaceChildren(
    words.box,
    width.box,
    element('div', { className: 'ds-field' }, everything, element('label', {
      className: 'ds-label',
      htmlFor: everything.id,
      textContent: say('Visa även det som bara visas ibland', 'Show also what is shown at times'),
    })),
  );
  words.input.onchange = () => draw();
  everything.onchange = () => draw();
  width.input.onchange = () => {
    place.dataset.width = width.input.value;
    place.closest('.form-editing').dataset.preview = width.input.value;
  };

  async function draw() {
    const now = ++asked;
    let html;
    try {
      html = await ask(address, csrf, { source: await read(), language: words.input.value, everything: everything.checked });
    } catch (error) {
      html = null;
      if (now === asked) {
        place.replaceChildren(element('p', { className: 'ds-alert', textContent: error.message, dataset: { color: 'warning' } }));
      }
    }
    if (now !== asked || html === null) {
      return;
    }
    place.innerHTML = html;
    place.lang = words.input.value;
    if (!isFirst) {
      announce(say('Förhandsvisningen är uppdaterad.', 'The preview is up to date.'));
    }
    isFirst = false;
  }

  return {
    draw,
    changed() {
      clearTimeout(timer);
      timer = setTimeout(draw, QUIET);
    },
  };
}

function choice(id, label, options, value) {
  const input = element('select', { id, className: 'ds-input' });
  input.append(...options.map(([each, text]) => new Option(text, each)));
  input.value = value;
  return { input, box: element('div', { className: 'ds-field' }, element('label', { className: 'ds-label', htmlFor: id, textContent: label }), input) };
}
