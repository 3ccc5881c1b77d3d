// The words of bpmn.io's packages in Swedish; English is what they speak themselves.
import { isEnglish } from './language.js';
import { swedish } from './sv.js';

const plain = (text) => text.toLowerCase().replace(/sub process/g, 'sub-process').replace(/compensate/g, 'compensation').replace(/ \(?non interrupting\)?/, ' (non-interrupting)').trim();
const byPlain = new Map(Object.entries(swedish).map(([english, words]) => [plain(english), words]));

/** The text in Swedish; as it is where it has none. The panel's headings write the names of types in their own way. */
export function inSwedish(text) {
  return swedish[text] ?? byPlain.get(plain(text)) ?? text;
}

function translate(text, replacements = {}) {
  const words = isEnglish ? text : inSwedish(text);
  return words.replace(/\{([^}]+)\}/g, (whole, name) => replacements[name] ?? whole);
}

export default { translate: ['value', translate] };
