// The diagram as a list: every element in reading order, with its kind, lane and ways on. The server reads the same order
// aloud on the pages; here it has to follow what is being drawn.
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { inSwedish } from './translate.js';
import { isEnglish, say } from './language.js';

const KINDS = {
  UserTask: () => say('Uppgift', 'Task'),
  BusinessRuleTask: () => say('Beslut', 'Decision'),
  ScriptTask: () => say('Uträkning', 'Calculation'),
  ServiceTask: () => say('Automatiskt', 'Automatic'),
  SendTask: () => say('Sänder', 'Sends'),
  ReceiveTask: () => say('Väntar', 'Waits'),
  CallActivity: () => say('Anropar', 'Calls'),
  ManualTask: () => say('Utanför systemet', 'Outside the system'),
  Task: () => say('Uppgift utan typ', 'Task without type'),
  SubProcess: () => say('Delprocess', 'Subprocess'),
  Transaction: () => say('Transaktion', 'Transaction'),
  AdHocSubProcess: () => say('Adhoc-delprocess', 'Ad hoc subprocess'),
  ExclusiveGateway: () => say('Vägval', 'Choice'),
  InclusiveGateway: () => say('Vägval, flera', 'Choice of several'),
  ParallelGateway: () => say('Samtidigt', 'At once'),
  EventBasedGateway: () => say('Det som händer först', 'What comes first'),
  ComplexGateway: () => say('Komplex grind', 'Complex gateway'),
  StartEvent: () => say('Start', 'Start'),
  EndEvent: () => say('Slut', 'End'),
  IntermediateCatchEvent: () => say('Väntar', 'Waits'),
  IntermediateThrowEvent: () => say('Händelse', 'Event'),
  BoundaryEvent: () => say('Om', 'If'),
};
const TRIGGERS = {
  Timer: () => say('tid', 'time'),
  Message: () => say('meddelande', 'message'),
  Signal: () => say('signal', 'signal'),
  Error: () => say('fel', 'error'),
  Escalation: () => say('en eskalering', 'an escalation'),
  Conditional: () => say('villkor', 'condition'),
  Terminate: () => say('allt avslutas', 'all ends'),
  Link: () => say('länk', 'link'),
  Compensate: () => say('kompensation', 'compensation'),
  Cancel: () => say('avbrott', 'cancel'),
};

/** The kind of an element in a word or two. */
export function kindOf(element) {
  const subject = element.businessObject;
  const type = subject.$type.replace('bpmn:', '');
  const trigger = subject.get?.('eventDefinitions')?.[0]?.$type.replace('bpmn:', '').replace('EventDefinition', '');
  const spaced = type.replace(/\B([A-Z])/g, ' $1').toLowerCase();
  const word = KINDS[type]?.() ?? (isEnglish ? spaced : inSwedish(spaced));
  return trigger && TRIGGERS[trigger] ? `${word}: ${TRIGGERS[trigger]()}` : word;
}

/** The name of an element; of a flow, where it leads from and to. */
export function nameOf(element) {
  const subject = element.businessObject;
  const own = (subject.get?.('name') ?? subject.text ?? '').replace(/\s+/g, ' ').trim();
  if (is(element, 'bpmn:SequenceFlow')) {
    return `${own ? `${own} ` : ''}→ ${nameOf(element.target)}`;
  }
  return own || say('(utan namn)', '(no name)');
}

const isNode = (element) => is(element, 'bpmn:FlowNode') && element.type !== 'label' && !element.labelTarget;

/** The elements of a scope in reading order: each {element, inside, flows}. */
export function readingOrder(root) {
  const nodes = [];
  const gather = (parent) => {
    for (const each of parent.children ?? []) {
      if (isNode(each)) {
        nodes.push(each);
      } else if (is(each, 'bpmn:Lane') || is(each, 'bpmn:Participant')) {
        gather(each);
      }
    }
  };
  gather(root);
  const here = new Set(nodes);
  const following = (element) => [
    ...element.outgoing.filter((each) => is(each, 'bpmn:SequenceFlow')).map((each) => each.target),
    ...(element.attachers ?? []),
  ].filter((each) => here.has(each));
  const byPlace = (a, b) => a.x - b.x || a.y - b.y;
  const main = nodes.filter((each) => !is(each, 'bpmn:BoundaryEvent'));
  const starts = main.filter((each) => !each.incoming.some((one) => is(one, 'bpmn:SequenceFlow')));
  starts.sort((a, b) => is(b, 'bpmn:StartEvent') - is(a, 'bpmn:StartEvent') || byPlace(a, b));
  const seen = new Set();
  const done = [];
  const walk = (element) => {
    // A walk of its own stack, for a diagram may be longer than the call stack is deep.
    const stack = [[element, following(element).reverse()]];
    seen.add(element);
    while (stack.length) {
      const [at, rest] = stack[stack.length - 1];
      const next = rest.shift();
      if (next === undefined) {
        done.push(at);
        stack.pop();
      } else if (!seen.has(next)) {
        seen.add(next);
        stack.push([next, following(next).reverse()]);
      }
    }
  };
  for (const each of [...starts, ...[...main].sort(byPlace)].reverse()) {
    // Starts are walked last, so that they come first when the order is turned.
    if (!starts.includes(each)) {
      continue;
    }
    if (!seen.has(each)) walk(each);
  }
  for (const each of [...nodes].sort(byPlace)) {
    if (!seen.has(each)) {
      const before = done.length;
      walk(each);
      done.unshift(...done.splice(before));
    }
  }
  const order = done.reverse();
  const placed = [];
  for (const each of order.filter((one) => !is(one, 'bpmn:BoundaryEvent'))) {
    placed.push(each, ...order.filter((one) => one.host === each));
  }
  return placed.map((element) => ({ element, inside: is(element, 'bpmn:SubProcess') ? readingOrder(element) : [] }));
}

/** The name of the lane that an element stands in. */
export function laneOf(element, lanes) {
  const found = lanes.filter((each) => (each.businessObject.get('flowNodeRef') ?? []).includes(element.businessObject));
  return found.length ? nameOf(found[found.length - 1]) : '';
}

/** Expressions for who may do a task, out of what the diagram works out before. */
export function people(elementRegistry) {
  const found = new Set();
  elementRegistry.forEach((element) => {
    const subject = element.businessObject;
    const values = subject?.get?.('extensionElements')?.get('values') ?? [];
    for (const each of values.filter((one) => one.$type === 'camunda:InputOutput')) {
      for (const { name } of each.get('outputParameters') ?? []) {
        if (/(^|_)(posts|managers|directors)$/.test(name ?? '')) {
          found.add(`=${name}`);
        }
      }
    }
    const variable = is(element, 'bpmn:Activity') && subject.get('loopCharacteristics')?.get('camunda:elementVariable');
    if (variable) {
      found.add(`=${variable}.posts`);
    }
  });
  return [...found];
}
