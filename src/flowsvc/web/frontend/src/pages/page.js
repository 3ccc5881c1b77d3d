// What every page loads: htmx, set so that it runs under a policy without unsafe-eval and unsafe-inline, and the small
// scripts of ours. Every page works without them.
import htmx from 'htmx.org';
import { watch } from '../form.js';

htmx.config.includeIndicatorStyles = false;
htmx.config.allowEval = false;
htmx.config.selfRequestsOnly = true;

document.documentElement.dataset.script = '';

// The list of faults, so that a reader hears it first.
document.getElementById('faults')?.focus();

// There is room for a picture on a wide screen; on a phone it waits to be asked for.
if (matchMedia('(min-width: 50rem)').matches) {
  for (const each of document.querySelectorAll('details[data-open-wide]')) {
    each.open = true;
  }
}

// Paper without a menu of the browser's.
for (const button of document.querySelectorAll('button[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => print());
}

// After a swap the thing that had focus may be gone.
document.addEventListener('htmx:afterSettle', () => {
  if (document.activeElement === document.body) {
    document.getElementById('tasks-heading')?.focus();
  }
});

// What a script cannot do is done by loading the page: it says what is wrong.
document.addEventListener('htmx:responseError', () => location.reload());

// A link that points into something folded opens it.
function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let each = target; each; each = each.parentElement) {
    if (each instanceof HTMLDetailsElement) {
      each.open = true;
    }
  }
}
addEventListener('hashchange', unfold);
unfold();

for (const form of document.querySelectorAll('form[data-blank]')) {
  watch(form);
}
