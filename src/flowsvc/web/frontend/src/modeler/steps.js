// The diagram as a list of buttons beside it: each chooses its element, so that everything can be done from here.
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { make } from './dom.js';
import { say } from './language.js';
import { kindOf, laneOf, nameOf, readingOrder } from './reading.js';

/** Keeps the list in `container` as the diagram is; `choose` is called with the element of a pressed entry. */
export function steps(container, modeler, choose) {
  let problems = new Map();
  let waits = 0;

  function entry(element, { number = '', inside = [], flows = [], lane = '' } = {}) {
    const found = problems.get(element.id) ?? [];
    const count = found.length;
    const isRefused = found.some((each) => each.severity === 'refused');
    const words = make('button', { type: 'button', className: 'step', data: { choose: element.id }, onclick: () => choose(element) },
      make('span', { className: 'step-kind' }, `${number ? `${number}. ` : ''}${kindOf(element)}`),
      make('span', { className: 'step-name' }, nameOf(element)),
      lane && make('span', { className: 'step-lane' }, lane),
      count > 0 && make('span', { className: `step-problems ${isRefused ? 'is-refused' : ''}` }, `${count}`, make('span', { className: 'unseen' }, count === 1 ? say(' problem', ' problem') : say(' problem', ' problems'))),
    );
    const item = make('li', {}, words);
    if (flows.length) {
      item.append(make('ul', { className: 'ways' }, flows.map((each) => entry(each))));
    }
    if (inside.length) {
      item.append(list(inside, `${number}.`, lane));
    }
    return item;
  }

  function list(order, prefix, lane) {
    const lanes = modeler.get('elementRegistry').filter((each) => is(each, 'bpmn:Lane'));
    return make('ol', {}, order.map(({ element, inside }, at) => {
      const flows = (element.outgoing ?? []).filter((each) => is(each, 'bpmn:SequenceFlow'));
      const own = laneOf(element, lanes);
      const told = flows.length > 1 || flows.some((each) => each.businessObject.conditionExpression || problems.has(each.id)) ? flows : [];
      return entry(element, { number: `${prefix}${at + 1}`, inside, flows: told, lane: own === lane ? '' : own });
    }));
  }

  function draw() {
    waits = 0;
    const focused = document.activeElement?.closest?.('[data-choose]')?.dataset.choose;
    const held = container.contains(document.activeElement) ? focused : undefined;
    const canvas = modeler.get('canvas');
    const roots = canvas.getRootElements().filter((each) => !is(each, 'bpmn:SubProcess'));
    const registry = modeler.get('elementRegistry');
    const parts = [];
    for (const root of roots) {
      const pools = root.children.filter((each) => is(each, 'bpmn:Participant'));
      for (const whole of pools.length ? pools : [root]) {
        parts.push(make('div', { className: 'whole' }, make('button', { type: 'button', className: 'step', data: { choose: whole.id }, onclick: () => choose(whole) },
          make('span', { className: 'step-kind' }, say('Hela processen', 'The whole process')), make('span', { className: 'step-name' }, nameOf(whole)))));
        parts.push(list(readingOrder(whole), '', ''));
      }
    }
    const rest = registry.filter((each) => !each.labelTarget && (is(each, 'bpmn:Lane') || is(each, 'bpmn:TextAnnotation') || is(each, 'bpmn:DataObjectReference') || is(each, 'bpmn:DataStoreReference') || is(each, 'bpmn:Group') || is(each, 'bpmn:MessageFlow') || is(each, 'bpmn:SequenceFlow')));
    if (rest.length) {
      const wasOpen = container.querySelector('details.rest')?.open;
      parts.push(make('details', { className: 'rest', open: wasOpen }, make('summary', {}, say('Banor, flöden och anteckningar', 'Lanes, flows and notes')), make('ul', {}, rest.map((each) => entry(each)))));
    }
    container.replaceChildren(...parts);
    mark();
    if (held) {
      container.querySelector(`[data-choose="${CSS.escape(held)}"]`)?.focus();
    }
  }

  function mark() {
    const chosen = new Set(modeler.get('selection').get().map((each) => (each.labelTarget ?? each).id));
    for (const each of container.querySelectorAll('[data-choose]')) {
      if (chosen.has(each.dataset.choose)) {
        each.setAttribute('aria-current', 'true');
      } else {
        each.removeAttribute('aria-current');
      }
    }
    container.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }

  const later = () => {
    waits ||= requestAnimationFrame(draw);
  };
  modeler.on('elements.changed', later);
  modeler.on('import.done', later);
  modeler.on('selection.changed', mark);
  return { show: (byElement) => { problems = byElement; later(); } };
}
