// What can be done to the element that is chosen, without a pointer: add after it, connect it, move it, give it a time limit.
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { isExpanded } from 'bpmn-js/lib/util/DiUtil';
import { say } from './language.js';

const GAP = 60;

/** What can be added after an element: [kind, words, what to make]. */
export function kinds() {
  const event = (type, definition) => ({ type, eventDefinitionType: definition && `bpmn:${definition}EventDefinition` });
  return [
    ['user', say('Användaruppgift', 'User task'), { type: 'bpmn:UserTask' }],
    ['decision', say('Beslut (beslutstabell)', 'Decision (table)'), { type: 'bpmn:BusinessRuleTask' }],
    ['script', say('Uträkning (skript)', 'Calculation (script)'), { type: 'bpmn:ScriptTask', scriptFormat: 'feel' }],
    ['service', say('Automatisk uppgift', 'Automatic task'), { type: 'bpmn:ServiceTask' }],
    ['call', say('Anrop av en process', 'Call of a process'), { type: 'bpmn:CallActivity' }],
    ['choice', say('Grind: en väg', 'Gateway: one way'), { type: 'bpmn:ExclusiveGateway' }],
    ['several', say('Grind: en eller flera vägar', 'Gateway: one or more ways'), { type: 'bpmn:InclusiveGateway' }],
    ['all', say('Grind: alla vägar samtidigt', 'Gateway: all ways at once'), { type: 'bpmn:ParallelGateway' }],
    ['first', say('Grind: det som händer först', 'Gateway: what comes first'), { type: 'bpmn:EventBasedGateway' }],
    ['wait-time', say('Väntan på en tid', 'Wait for a time'), event('bpmn:IntermediateCatchEvent', 'Timer')],
    ['wait-message', say('Väntan på ett meddelande', 'Wait for a message'), event('bpmn:IntermediateCatchEvent', 'Message')],
    ['send-message', say('Sändning av ett meddelande', 'Sending of a message'), event('bpmn:IntermediateThrowEvent', 'Message')],
    ['signal', say('Signal till alla', 'Signal to all'), event('bpmn:IntermediateThrowEvent', 'Signal')],
    ['subprocess', say('Delprocess', 'Subprocess'), { type: 'bpmn:SubProcess', isExpanded: true }],
    ['end', say('Slut', 'End'), event('bpmn:EndEvent')],
    ['end-all', say('Slut som avslutar allt', 'End that ends everything'), event('bpmn:EndEvent', 'Terminate')],
  ];
}

/** The acts on a modeler's elements. */
export class Acts {
  constructor(modeler) {
    this.get = (name) => modeler.get(name);
  }

  /** Whether something can come after the element. */
  mayAddAfter(element) {
    return (is(element, 'bpmn:FlowNode') && !is(element, 'bpmn:EndEvent') && !element.businessObject.triggeredByEvent) || is(element, 'bpmn:SequenceFlow');
  }

  /** A new element stands after the other one: in its only flow where it has one, else on a way of its own. */
  addAfter(element, made) {
    const { scriptFormat, ...attributes } = made;
    const shape = this.get('elementFactory').createShape(attributes);
    if (scriptFormat) {
      shape.businessObject.scriptFormat = scriptFormat;
    }
    const flows = is(element, 'bpmn:SequenceFlow') ? [element] : element.outgoing.filter((each) => is(each, 'bpmn:SequenceFlow'));
    const splits = is(element, 'bpmn:Gateway') && flows.length > 1;
    const ends = is(shape, 'bpmn:EndEvent');
    const [flow] = flows;
    const added = flows.length === 1 && !splits && !ends ? this.#insert(shape, flow) : this.get('autoPlace').append(element, shape);
    return added;
  }

  #insert(shape, flow) {
    const first = longest(flow.waypoints);
    const needed = (first.isAcross ? shape.width : shape.height) + 2 * GAP;
    if (first.length < needed) {
      this.#makeSpace(flow, first, needed - first.length);
    }
    // bpmn-js leads the flow to what stands on it, with its name and condition, and a flow of its own leads on.
    return this.get('modeling').createShape(shape, longest(flow.waypoints).middle, flow);
  }

  /** What lies beyond the middle of the stretch moves on; lanes and what is around grow with it. */
  #makeSpace(flow, { isAcross, middle: at }, needed) {
    const tool = this.get('spaceTool');
    const root = this.get('canvas').findRoot(flow);
    const all = this.get('elementRegistry').filter((each) => each !== root && this.get('canvas').findRoot(each) === root);
    const axis = isAcross ? 'x' : 'y';
    const { movingShapes, resizingShapes } = tool.calculateAdjustments(all, axis, needed, at[axis]);
    tool.makeSpace(movingShapes, resizingShapes, { x: 0, y: 0, [axis]: needed }, isAcross ? 'e' : 's', at[axis]);
  }

  /** What the element may be connected to. */
  targets(element) {
    const rules = this.get('rules');
    if (!is(element, 'bpmn:FlowNode')) {
      return [];
    }
    return this.get('elementRegistry').filter((each) => each !== element && is(each, 'bpmn:FlowNode') && !each.labelTarget && rules.allowed('connection.create', { source: element, target: each })?.type === 'bpmn:SequenceFlow');
  }

  /** A flow leads from one to the other. */
  connect(source, target) {
    return this.get('modeling').connect(source, target, { type: 'bpmn:SequenceFlow' });
  }

  /** Whether the element can have a time limit on its border. */
  mayHaveLimit(element) {
    return is(element, 'bpmn:Activity') && !element.businessObject.triggeredByEvent;
  }

  /** A timer stands on the border of the activity. */
  addLimit(element, { interrupts }) {
    const shape = this.get('elementFactory').createShape({ type: 'bpmn:BoundaryEvent', eventDefinitionType: 'bpmn:TimerEventDefinition', cancelActivity: interrupts });
    const used = (element.attachers ?? []).map((each) => middle(each).x);
    let x = element.x + element.width - 25;
    while (used.some((each) => Math.abs(each - x) < 30) && x > element.x + 20) {
      x -= 40;
    }
    return this.get('modeling').createShape(shape, { x, y: element.y + element.height }, element, { attach: true });
  }

  /** Whether the element may go. */
  mayRemove(element) {
    return Boolean(element.parent) && !is(element, 'bpmn:Process');
  }

  /** The element is gone; what led to it leads on to what came after, where that is plain. Returns what was before it. */
  remove(element) {
    const [into, ...moreIn] = element.incoming ?? [];
    const [out, ...moreOut] = element.outgoing ?? [];
    const closes = into && out && !moreIn.length && !moreOut.length && is(into, 'bpmn:SequenceFlow') && is(out, 'bpmn:SequenceFlow');
    const before = into?.source ?? element.source ?? element.host;
    const after = out?.target;
    if (closes && this.get('rules').allowed('connection.reconnect', { connection: into, source: into.source, target: after }) && after !== into.source) {
      this.get('modeling').reconnectEnd(into, after, { x: after.x, y: middle(after).y });
      this.get('modeling').layoutConnection(into);
    }
    this.get('modeling').removeElements([element]);
    return before;
  }

  /** The element stands elsewhere by so much. */
  move(element, delta) {
    if (!element.waypoints && element.parent) {
      this.get('modeling').moveElements([element], delta, undefined, { autoResize: true });
    }
  }

  /** Whether what is inside the element is shown. */
  isOpen(element) {
    return isExpanded(element);
  }
}

function middle(shape) {
  return { x: shape.x + shape.width / 2, y: shape.y + shape.height / 2 };
}

/** The longest stretch of a way: where its middle is, how long it is, and whether it goes across or down. */
function longest(waypoints) {
  const stretches = waypoints.slice(1).map((to, at) => {
    const from = waypoints[at];
    const [across, down] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)];
    return {
      isAcross: across >= down,
      length: Math.max(across, down),
      middle: { x: Math.round((from.x + to.x) / 2), y: Math.round((from.y + to.y) / 2) },
    };
  });
  return stretches.reduce((best, each) => (each.length > best.length ? each : best));
}
