// What the table editor and the form editor share: words in the page's language, small pieces of page, and the list of
// problems beside the drawing.
export const language = document.documentElement.lang.slice(0, 2) === 'en' ? 'en' : 'sv';

// The Swedish or the English of a pair.
export function say(swedish, english) {
  return language === 'en' ? english : swedish;
}

// An element with its properties, data attributes and children.
export function element(name, { dataset = {}, ...properties } = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  Object.assign(made.dataset, dataset);
  made.append(...children.filter((each) => each !== null && each !== undefined));
  return made;
}

// A small button as the other pages have them.
export function button(text, onclick, { variant = 'secondary', ...properties } = {}) {
  return element('button', {
    type: 'button',
    className: 'ds-button',
    textContent: text,
    onclick,
    dataset: { variant, size: 'sm' },
    ...properties,
  });
}

// A text for those who hear the page; said again even where it is the same text.
export function announce(text) {
  const place = document.getElementById('said');
  if (place) {
    place.textContent = place.textContent === text ? `${text}\u00a0` : text;
  }
}

// The problems in words, each with a button that leads to its place. `place(problem)` gives { words, go } or null.
export function showProblems(problems, file, place) {
  const list = document.getElementById('problems');
  const shown = problems.filter((each) => each.severity !== 'used');
  const own = shown.filter((each) => !each.fileName || each.fileName === file);
  const others = shown.length - own.length;
  const refused = own.filter((each) => each.severity === 'refused').length;
  const heading = !own.length
    ? say('Inga fel i filen.', 'No faults in the file.')
    : refused
      ? say(`${refused} fel att rätta.`, `${refused} to correct.`)
      : say('Inga fel, men läs anmärkningarna.', 'No faults, but read the remarks.');
  const status = document.getElementById('problems-status');
  if (status.textContent !== heading) {
    status.textContent = heading;
  }
  list.replaceChildren(...own.map((each) => problemItem(each, place(each))));
  if (others) {
    list.append(
      element('li', {
        textContent: say(`Andra filer i utkastet har ${others} anmärkningar.`, `Other files of the draft have ${others} remarks.`),
      }),
    );
  }
}

function problemItem(problem, found) {
  const mark = problem.severity === 'refused' ? say('Fel', 'Fault') : say('Anmärkning', 'Remark');
  const where = found?.words || (problem.line > 1 ? say(`Rad ${problem.line} i filen`, `Line ${problem.line} of the file`) : '');
  return element(
    'li',
    { dataset: { severity: problem.severity } },
    element('p', {}, element('strong', { textContent: where ? `${mark}, ${where}: ` : `${mark}: ` }), `${problem.what} ${problem.cure}`),
    found?.go ? button(say('Gå dit', 'Go there'), found.go, { ariaLabel: `${say('Gå dit', 'Go there')}: ${where || problem.what}` }) : null,
  );
}

// JSON asked of the server, with the page's key; an error is an Error with what the server said.
export async function ask(url, csrf, body) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-CSRFToken': csrf, 'X-Requested-With': 'fetch' },
    body: JSON.stringify(body),
  });
  const isJson = response.headers.get('Content-Type')?.includes('json');
  const answer = isJson ? await response.json() : await response.text();
  if (!response.ok) {
    throw new Error((isJson ? answer.detail : answer) || say('Det gick inte just nu.', 'It did not work just now.'));
  }
  return answer;
}
