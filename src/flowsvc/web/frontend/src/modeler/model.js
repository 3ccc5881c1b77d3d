// Reads and writes what a diagram says: attributes, camunda: extensions and our own properties (camunda:property with names
// that begin flowsvc:). Every write is a command, so that it can be undone.
import { getBusinessObject, is } from 'bpmn-js/lib/util/ModelUtil';

export const OWN = 'flowsvc:';

/** What the properties of the element are written on: of a pool, its process; of the whole page, its only process. */
export function subjectOf(element) {
  const own = getBusinessObject(element);
  if (is(own, 'bpmn:Participant')) {
    return own.processRef ?? own;
  }
  if (is(own, 'bpmn:Collaboration')) {
    const processes = (own.participants ?? []).map((each) => each.processRef).filter(Boolean);
    return processes.length === 1 ? processes[0] : own;
  }
  return own;
}

/** The extension elements of a type, directly on the subject. */
export function extensionsOf(subject, type) {
  return (subject.get('extensionElements')?.get('values') ?? []).filter((each) => is(each, type));
}

/** The camunda:property entries of the subject. */
export function propertiesOf(subject) {
  return extensionsOf(subject, 'camunda:Properties').flatMap((holder) => holder.get('values') ?? []);
}

/** The value of our own property; undefined where it is not given. */
export function ownValue(subject, name) {
  return propertiesOf(subject).find((each) => each.name === OWN + name)?.value;
}

/** The event definition of an event, if it has one. */
export function definitionOf(subject) {
  return subject.get('eventDefinitions')?.[0];
}

/** Hands on commands to bpmn-js's modeling, with what they need to make. */
export class Writer {
  constructor(injector) {
    this.modeling = injector.get('modeling');
    this.factory = injector.get('bpmnFactory');
    this.injector = injector;
  }

  /** A new moddle element, placed under its parent. */
  make(type, fields, parent) {
    const made = this.factory.create(type, fields);
    made.$parent = parent;
    return made;
  }

  /** The fields of any moddle element of the shape are these. */
  set(element, subject, fields) {
    if (subject === getBusinessObject(element)) {
      this.modeling.updateProperties(element, fields);
    } else {
      this.modeling.updateModdleProperties(element, subject, fields);
    }
  }

  /** The extension elements of the subject are these; with none the holder goes too. */
  setExtensions(element, subject, values) {
    if (!values.length) {
      this.modeling.updateModdleProperties(element, subject, { extensionElements: undefined });
      return;
    }
    const holder = this.factory.create('bpmn:ExtensionElements', { values });
    holder.$parent = subject;
    for (const each of values) {
      each.$parent = holder;
    }
    this.modeling.updateModdleProperties(element, subject, { extensionElements: holder });
  }

  /** The property entries of the subject are these, as [name, value]; an order that was there stays. */
  setProperties(element, subject, entries) {
    const others = (subject.get('extensionElements')?.get('values') ?? []).filter((each) => !is(each, 'camunda:Properties'));
    if (!entries.length) {
      this.setExtensions(element, subject, others);
      return;
    }
    const holder = this.factory.create('camunda:Properties', {});
    holder.values = entries.map(({ name, value, id }) => this.make('camunda:Property', { ...(id ? { id } : {}), name, value }, holder));
    this.setExtensions(element, subject, [...others, holder]);
  }

  /** Our own property has this value; an empty one is not written at all. */
  setOwn(element, subject, name, value) {
    this.setOwns(element, subject, { [name]: value });
  }

  /** Several of our own properties at once. */
  setOwns(element, subject, values) {
    const entries = propertiesOf(subject).map(({ name, value, id }) => ({ name, value, id }));
    for (const [name, value] of Object.entries(values)) {
      const found = entries.find((each) => each.name === OWN + name);
      if (value === undefined || value === '') {
        if (found) {
          entries.splice(entries.indexOf(found), 1);
        }
      } else if (found) {
        found.value = value;
      } else {
        entries.push({ name: OWN + name, value });
      }
    }
    this.setProperties(element, subject, entries);
  }

  /** The text of a formal expression under a name; an empty one is not written at all. */
  setExpression(element, subject, name, text) {
    const body = text ? this.make('bpmn:FormalExpression', { body: text }, subject) : undefined;
    this.set(element, subject, { [name]: body });
  }

  /** The shared thing (message, signal …) that an event names: one of this name, made where there is none. */
  setShared(element, subject, { type, reference, field, value }) {
    if (!value) {
      this.set(element, subject, { [reference]: undefined });
      return;
    }
    const definitions = this.injector.get('bpmnjs').getDefinitions();
    let found = definitions.get('rootElements').find((each) => each.$type === type && each.get(field) === value);
    if (!found) {
      found = this.make(type, field === 'name' ? { name: value } : { name: value, [field]: value }, definitions);
      this.modeling.updateModdleProperties(element, definitions, { rootElements: [...definitions.get('rootElements'), found] });
    }
    this.set(element, subject, { [reference]: found });
  }
}
