// The kinds of components that the server shows, in words, and Swedish for what form-js writes as it is.
import { language, say } from './page.js';

// In the order in which they are offered; what the server refuses is not among them.
export const KINDS = {
  textfield: say('Textrad', 'Text line'),
  textarea: say('Längre text', 'Longer text'),
  number: say('Tal', 'Number'),
  datetime: say('Datum eller klockslag', 'Date or time'),
  radio: say('Välj en (knappar)', 'Choose one (buttons)'),
  select: say('Välj en (lista)', 'Choose one (list)'),
  checklist: say('Välj flera', 'Choose several'),
  checkbox: say('Kryssruta', 'Tick box'),
  filepicker: say('Bifoga fil', 'Attach a file'),
  text: say('Text att läsa', 'Text to read'),
  table: say('Tabell att läsa', 'Table to read'),
  group: say('Grupp', 'Group'),
  dynamiclist: say('Rader', 'Rows'),
  separator: say('Linje', 'Line'),
  spacer: say('Mellanrum', 'Space'),
  button: say('Knapp', 'Button'),
};

// What can be added; a form has its own button for sending, and shows no others.
export const OFFERED = Object.keys(KINDS).filter((kind) => !['spacer', 'button'].includes(kind));

const SWEDISH = {
  'Add new': 'Lägg till rad',
  Browse: 'Välj fil',
  'Build your form': 'Bygg formuläret',
  Containers: 'Ramar',
  Decrement: 'Minska',
  'Drag and drop components here to start designing.': 'Dra in ett fält här, eller använd Lägg till under Fält.',
  'Drag and drop components here.': 'Dra in fält här.',
  Increment: 'Öka',
  Input: 'Att fylla i',
  'Next page': 'Nästa sida',
  'No files selected': 'Ingen fil vald',
  'Nothing to show.': 'Inget att visa.',
  'Powered by bpmn.io': 'Byggt med bpmn.io',
  Presentation: 'Att läsa',
  'Previous page': 'Föregående sida',
  Repeatable: 'Rader som läggs till',
  Search: 'Sök',
  Select: 'Välj',
  Selection: 'Att välja',
  'Select a date': 'Välj datum',
  'Text view is empty': 'Texten är tom',
  'Text view is templated': 'Texten har värden som fylls i',
  'Use the preview window to test your form.': 'Till höger syns det som de anställda får se.',
  'hh:mm': 'tt:mm',
  'hh:mm ?m': 'tt:mm',
  'mm/dd/yyyy': 'åååå-mm-dd',
  'yyyy-mm-dd': 'åååå-mm-dd',
};

// Where form-js writes words of its own; what people wrote stands elsewhere.
const PLACES = [
  '.fjs-palette-group-title',
  '.fjs-empty-component-text',
  '.fjs-empty-editor-card h2',
  '.fjs-empty-editor-card span',
  '.fjs-form-field-placeholder',
  '.fjs-filepicker-button',
  '.fjs-filepicker-file-display-label',
  '.fjs-repeat-render-add',
  '.fjs-repeat-render-footer',
  '.fjs-repeat-render-footer span',
  '.fjs-table-empty',
  '.fjs-table-td',
  '.fjs-select-display',
  '.fjs-select-placeholder',
  '.fjs-filepicker-container span',
  '.fjs-filepicker-container button',
];
const ATTRIBUTES = ['aria-label', 'title', 'placeholder'];

function mend(root) {
  for (const each of root.querySelectorAll('.fjs-palette-field')) {
    const words = KINDS[each.dataset.fieldType];
    const text = each.querySelector('.fjs-palette-field-text');
    if (words && text && text.textContent !== words) {
      text.textContent = words;
      each.title = say(`Dra in: ${words}`, `Drag in: ${words}`);
    }
  }
  for (const each of root.querySelectorAll('.fjs-context-pad-item')) {
    each.title = say('Ta bort fältet', 'Remove the field');
    each.ariaLabel = each.title;
  }
  if (language !== 'sv') {
    return;
  }
  for (const name of ATTRIBUTES) {
    for (const each of root.querySelectorAll(`[${name}]`)) {
      const said = SWEDISH[each.getAttribute(name)];
      if (said) {
        each.setAttribute(name, said);
      }
    }
  }
  for (const each of root.querySelectorAll(PLACES.join(','))) {
    for (const node of each.childNodes) {
      const said = node.nodeType === Node.TEXT_NODE && SWEDISH[node.data.trim()];
      if (said) {
        node.data = said;
      }
    }
  }
}

// Whatever form-js draws in the container has our words.
export function watchWords(container) {
  new MutationObserver(() => mend(container)).observe(container, { childList: true, subtree: true });
  mend(container);
}
