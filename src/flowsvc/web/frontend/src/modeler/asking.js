// What only the server knows of a text that is being written: whether it is FEEL, and which day a time means. Answers are
// kept, so that a field can be drawn as often as it likes.
import { isEnglish } from './language.js';

const kept = new Map();

function ask(path, body, csrf) {
  const key = `${path}\n${JSON.stringify(body)}`;
  if (!kept.has(key)) {
    const answer = fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': csrf },
      body: JSON.stringify(body),
    }).then((response) => (response.ok ? response.json() : {}));
    // What could not be asked may be asked again.
    kept.set(key, answer.catch(() => kept.delete(key) && {}));
  }
  return kept.get(key);
}

/** Questions to the server, with the key against forged forms. */
export function asking(csrf) {
  const language = isEnglish ? 'en' : 'sv';
  return {
    expression: (text, kind) => ask('/modeling/expression', { text, kind, language }, csrf),
    due: (text, kind) => ask('/modeling/due', { text, kind, language }, csrf),
  };
}
