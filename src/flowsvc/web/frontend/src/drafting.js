// Keeps what is drawn in an editor as the draft's file: loads it, saves it by itself with its revision, checks it after
// each save, and says in words how it went. Hides when it saves, and what happens when somebody else was first.

const TEXTS = {
  sv: { saving: 'Sparar …', unsaved: 'Inte sparat:', offline: 'ingen kontakt med servern. Försöker igen.', mended: 'Sparat' },
  en: { saving: 'Saving …', unsaved: 'Not saved:', offline: 'no contact with the server. Trying again.', mended: 'Saved' },
};
const QUIET = 1200;
const AGAIN = 5000;

/**
 * container: the #editor element with its data attributes. read: gives the text as it now is (or a promise of it).
 * onProblems: is handed what the check found. onConflict: is told when somebody else has saved.
 */
export function drafting(container, { read, onProblems = () => {}, onConflict = () => {} }) {
  const { source, check: checkAt, known: knownAt, copy: copyAt, file, csrf } = container.dataset;
  const words = TEXTS[document.documentElement.lang] ?? TEXTS.sv;
  const status = document.getElementById('save-status');
  const conflict = document.getElementById('save-conflict');
  let revision = Number(container.dataset.revision);
  let kept = null; // the text that the server has
  let timer = 0;
  let running = null; // the save under way; the next one waits for it, so that revisions come in order
  let isStopped = false;

  const say = (text) => {
    if (status) {
      status.textContent = text;
    }
  };
  const headers = () => ({ 'X-CSRFToken': csrf, 'X-Requested-With': 'fetch' });

  async function told(answer) {
    const text = await answer.text();
    try {
      return JSON.parse(text);
    } catch {
      return { detail: text };
    }
  }

  async function load() {
    const answer = await fetch(source, { headers: { 'X-Requested-With': 'fetch' } });
    if (!answer.ok) {
      throw new Error((await told(answer)).detail);
    }
    revision = Number((answer.headers.get('ETag') ?? '').replace(/\D/g, '')) || revision;
    kept = await answer.text();
    return kept;
  }

  function changed() {
    if (isStopped) {
      return;
    }
    clearTimeout(timer);
    timer = setTimeout(save, QUIET);
  }

  async function save(reason = '') {
    clearTimeout(timer);
    while (running) {
      await running;
    }
    if (isStopped) {
      return false;
    }
    running = send(typeof reason === 'string' ? reason : '');
    try {
      return await running;
    } finally {
      running = null;
    }
  }

  async function send(reason, keepalive = false) {
    const text = await read();
    if (text === kept && !reason) {
      return true;
    }
    say(words.saving);
    let answer;
    try {
      answer = await fetch(source, {
        method: 'PUT',
        body: text,
        keepalive,
        headers: { ...headers(), 'Content-Type': 'text/plain; charset=utf-8', 'If-Match': `"${revision}"`, 'X-Reason': encodeURIComponent(reason) },
      });
    } catch {
      say(`${words.unsaved} ${words.offline}`);
      timer = setTimeout(save, AGAIN);
      return false;
    }
    const found = await told(answer);
    if (answer.ok) {
      revision = found.revision;
      kept = text;
      say(found.words);
      check().catch(() => {});
      return true;
    }
    say(`${words.unsaved} ${found.detail}`);
    if (answer.status === 409) {
      isStopped = true;
      show(found);
    }
    return false;
  }

  async function check() {
    const answer = await fetch(checkAt, {
      method: 'POST',
      headers: { ...headers(), 'Content-Type': 'application/json' },
      body: JSON.stringify({ fileName: file, source: await read() }),
    });
    if (!answer.ok) {
      throw new Error((await told(answer)).detail);
    }
    const { problems } = await answer.json();
    onProblems(problems);
    return problems;
  }

  async function known() {
    const answer = await fetch(knownAt, { headers: { 'X-Requested-With': 'fetch' } });
    return answer.ok ? answer.json() : {};
  }

  function show(found) {
    onConflict(found);
    if (!conflict) {
      return;
    }
    conflict.querySelector('[data-words]').textContent = found.detail;
    conflict.hidden = false;
    conflict.querySelector('button')?.focus();
  }

  async function download() {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([await read()]));
    link.download = file;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  async function copy() {
    const form = document.createElement('form');
    form.method = 'post';
    form.action = copyAt;
    form.enctype = 'multipart/form-data';
    for (const [name, value] of Object.entries({ csrf_token: csrf, source: await read() })) {
      const input = document.createElement('textarea');
      input.name = name;
      input.value = value;
      form.append(input);
    }
    form.hidden = true;
    document.body.append(form);
    form.submit();
  }

  conflict?.addEventListener('click', (event) => {
    const act = { download, copy, reload: () => location.reload() }[event.target.closest('[data-do]')?.dataset.do];
    act?.();
  });
  addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
      event.preventDefault();
      save();
    }
  });
  addEventListener('pagehide', () => {
    if (!isStopped && !running && kept !== null) {
      clearTimeout(timer);
      // Browsers let at most 64 kB out after the page is gone; what is larger was saved when it was last quiet.
      send('', true).catch(() => {});
    }
  });

  return { load, changed, save, check, known, get revision() { return revision; } };
}
