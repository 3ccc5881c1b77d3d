// A form as staff will see it, in a window of its own: the server makes it, from what stands in the draft or is live.
import { isEnglish, say } from './language.js';
import { button, make } from './dom.js';

/** The form is shown until it is closed; the focus goes back to where it was. */
export async function showForm(form, { preview, csrf }) {
  const body = make('div', { role: 'document' }, make('p', {}, say('Hämtar blanketten …', 'Fetching the form …')));
  const dialog = make('dialog', { className: 'form-preview', 'aria-label': say(`Blanketten ${form.name}`, `The form ${form.name}`) },
    make('header', {}, make('strong', {}, form.name), button(say('Stäng', 'Close'), () => dialog.close())), body);
  document.body.append(dialog);
  dialog.addEventListener('close', () => dialog.remove());
  dialog.showModal();
  try {
    const source = await fetch(form.source);
    const answer = await fetch(preview, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-CSRFToken': csrf },
      body: JSON.stringify({ source: await source.text(), language: isEnglish ? 'en' : 'sv' }),
    });
    if (!source.ok || !answer.ok) {
      throw new Error(`${answer.status}`);
    }
    body.innerHTML = await answer.text();
  } catch {
    body.replaceChildren(make('p', {}, say('Blanketten kunde inte visas.', 'The form could not be shown.')));
  }
}
