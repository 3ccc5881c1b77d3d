// A frame: what an expression of a decision sees around it, and how it is read, tested and held to its type there.
import { compile, oddNames, shelfOf } from './evaluator.js';
import { fitted, typeNamed } from './types.js';
import { MISFIT, running, warn, withEntry } from './values.js';

export class Frame {
  /** `odd` names what decides how a text is read beside `context`; `shape` is what is declared of it. */
  constructor({ walk, element, context, odd, shape }) {
    this.walk = walk;
    this.element = element;
    this.context = context;
    this.odd = odd;
    this.shape = shape;
    this.shelf = null;
  }

  /** What the text gives here; a unary test gives the function that tests. */
  program(kind, text) {
    this.shelf ??= shelfOf(this.odd);
    return compile(kind, text, this.context, this.shelf, this.shape)(this.context);
  }

  /** The frame with more names in it. */
  with(names) {
    const context = { ...this.context };
    for (const name of Object.keys(names)) {
      withEntry(context, name, names[name]);
    }
    return new Frame({ ...this, context, odd: `${this.odd}\n${oddNames(names)}` });
  }

  /** A rule of this element gave the answer. */
  note({ rule, index }) {
    this.walk.matched.push({ decision: this.element.key, rule: rule.id, index });
  }
}

// In DMN a text that cannot be read or run is null; a process stops at it, and both stop at their limits.
function guarded(run) {
  if (running.strict) {
    return run();
  }
  const { places } = running;
  try {
    return run();
  } catch (error) {
    if (error instanceof RangeError) {
      throw error;
    }
    running.places = places;
    running.position = error.position ?? null;
    return warn(error.position ? 'SYNTAX' : error.type ?? 'INVALID_TYPE');
  }
}

/** The value of an expression. */
export function read(frame, text) {
  return guarded(() => frame.program('expression', text)) ?? null;
}

/** Whether the value passes the tests; the frame knows it as `?`. */
export function test(frame, text, value) {
  return guarded(() => frame.program('unary', text)(value));
}

// Camunda 7 has one type for dates and for dates with a time, called date; processes may go by it.
const EITHER_DATE = { kind: 'day' };

/** The type by its name where the element stands. */
export function typeIn(element, name) {
  if (name === 'date' && running.strict) {
    return EITHER_DATE;
  }
  return typeNamed(name.replace(/^feel:/, '')) ?? element.types(name);
}

/** The value as its declared type has it, else a trouble. */
export function fit(frame, value, name, label, isPlain = false) {
  if (value === null || !name) {
    return value;
  }
  const type = typeIn(frame.element, name);
  const result = type === undefined ? value : fitted(value, type, isPlain ? label : '');
  return result === MISFIT ? warn('NOT_DECLARED_TYPE', { name: label }) : result;
}

/** A test of a type's allowed values; `?` and what is tested are the value. */
export function testOf(text) {
  return value => {
    const context = { '?': value };
    return guarded(() => compile('unary', text, context, shelfOf(`\n?${oddNames(context)}`))(context)(value)) === true;
  };
}

