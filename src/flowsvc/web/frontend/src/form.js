// A form that is kept while it is written, asks the server which questions follow from an answer, and says how much room
// is left in a text. The server decides; what it says is put into the page around whatever has focus.
const DRAFT_AFTER = 800;

export function watch(form) {
  const saved = form.querySelector('[data-saved]');
  let timer;
  // One request at a time, in the order of what was written.
  let last = Promise.resolve();

  function say(text) {
    if (saved && text) {
      saved.textContent = text;
    }
  }

  async function post(what) {
    const body = new FormData(form);
    body.set('_do', what);
    if (what === 'autosave') {
      for (const input of form.querySelectorAll('input[type=file]')) {
        body.delete(input.name);
      }
    }
    try {
      const answer = await fetch(form.action || location.href, {
        method: 'POST',
        body,
        headers: { 'X-Requested-With': 'fetch' },
        // What was written last is kept even when the page is being left.
        keepalive: what === 'autosave',
      });
      if (answer.status === 401) {
        say(form.dataset.signedOut);
        return undefined;
      }
      if (!answer.ok && answer.status !== 422) {
        say(form.dataset.offline);
        return undefined;
      }
      return answer;
    } catch {
      say(form.dataset.offline);
      return undefined;
    }
  }

  function later(work) {
    last = last.then(work, work);
    return last;
  }

  async function save() {
    const answer = await post('autosave');
    if (answer) {
      say((await answer.json()).text);
    }
  }

  async function refresh(what) {
    clearTimeout(timer);
    timer = undefined;
    const answer = await post(what);
    if (!answer) {
      return;
    }
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    const fresh = page.querySelector('form[data-blank] [data-parts]');
    if (fresh) {
      follow(form.querySelector('[data-parts]'), fresh, what !== 'refresh');
      say(page.querySelector('[data-saved]')?.textContent);
    }
    rooms(form);
  }

  form.addEventListener('input', (event) => {
    room(event.target);
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = undefined;
      later(save);
    }, DRAFT_AFTER);
  });
  addEventListener('pagehide', () => {
    if (timer) {
      clearTimeout(timer);
      post('autosave');
    }
  });
  form.addEventListener('change', (event) => {
    // A text is kept by the timer; no question hangs on how it is worded. On a number one may.
    if (event.target.matches('textarea, input[type=text]:not([inputmode])')) {
      return;
    }
    later(() => refresh('refresh'));
  });
  form.addEventListener('submit', (event) => {
    const what = event.submitter?.value ?? 'send';
    if (/^(add|remove|drop):/.test(what)) {
      event.preventDefault();
      later(async () => {
        await refresh(what);
        land(form, what);
      });
    } else {
      clearTimeout(timer);
      timer = undefined;
    }
  });
  rooms(form);
}

// Puts new questions in, takes those away that are no longer asked, and leaves the rest, with what is being written.
function follow(old, fresh, withRows) {
  const known = new Map([...old.children].map((each) => [each.id, each]));
  let before = null;
  for (const part of [...fresh.children]) {
    let kept = known.get(part.id);
    known.delete(part.id);
    if (kept && changed(kept, part, withRows)) {
      kept.replaceWith(part);
      kept = part;
    } else if (kept) {
      const inside = kept.querySelector(':scope > fieldset > [data-parts]');
      if (inside) {
        follow(inside, part.querySelector(':scope > fieldset > [data-parts]'), withRows);
      }
    } else {
      kept = part;
    }
    const place = before ? before.nextElementSibling : old.firstElementChild;
    if (place !== kept) {
      old.insertBefore(kept, place);
    }
    before = kept;
  }
  for (const gone of known.values()) {
    gone.remove();
  }
}

function changed(old, fresh, withRows) {
  switch (fresh.dataset.kind) {
    case 'group':
      return false;
    case 'dynamiclist':
      return withRows || shape(old) !== shape(fresh);
    case 'filepicker':
      return old.querySelectorAll('.files li').length !== fresh.querySelectorAll('.files li').length || fault(old) !== fault(fresh);
    case 'text':
    case 'table':
      return old.textContent !== fresh.textContent;
    default:
      // Another set of options is another question.
      return !old.contains(document.activeElement) && shape(old) !== shape(fresh);
  }
}

function shape(part) {
  return [...part.querySelectorAll('[id]')].map((each) => each.id).join() + [...part.querySelectorAll('option')].map((each) => each.value).join();
}

function fault(part) {
  return part.querySelector('.ds-validation-message')?.textContent ?? '';
}

// After a row was added its first field has focus; after one was taken away, the button that adds.
function land(form, what) {
  const [done, path] = what.split(':');
  const list = form.querySelector(`[name="${CSS.escape(path)}:count"]`)?.closest('fieldset');
  if (!list) {
    form.querySelector('input[type=file]')?.focus();
    return;
  }
  const rows = list.querySelectorAll(':scope > .row');
  const target = done === 'add' ? rows[rows.length - 1]?.querySelector('input:not([type=hidden]), select, textarea') : null;
  (target ?? list.querySelector('button[value^="add:"]') ?? list).focus();
}

function rooms(form) {
  for (const input of form.querySelectorAll('[data-room]')) {
    room(input);
  }
}

function room(input) {
  const line = 'room' in (input.dataset ?? {}) ? document.getElementById(`${input.id}-room`) : null;
  if (line) {
    line.textContent = line.dataset.left.replace('{n}', input.maxLength - input.value.length);
  }
}
