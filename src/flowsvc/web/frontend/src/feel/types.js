// Types: read from their text, what `instance of` asks, and what a value must be to fit (DMN 1.5, 10.3.2.9).
import { midnight } from './rules.js';
import { parseDate, parseDuration, parseMoment, parseTime } from './temporals.js';
import { Days, lookup, MISFIT, Months, running, Trouble, typeOf, warn, withEntry } from './values.js';

const ANY = { kind: 'any' };
const NAMES = lookup({
  Any: ANY,
  '': ANY,
  Null: { kind: 'nil' },
  null: { kind: 'nil' },
  number: { kind: 'number' },
  string: { kind: 'string' },
  boolean: { kind: 'boolean' },
  date: { kind: 'date' },
  time: { kind: 'time' },
  'date and time': { kind: 'date time' },
  dateTime: { kind: 'date time' },
  'days and time duration': { kind: 'days' },
  dayTimeDuration: { kind: 'days' },
  'years and months duration': { kind: 'months' },
  yearMonthDuration: { kind: 'months' },
  duration: { kind: 'duration' },
  list: { kind: 'list', of: ANY },
  context: { kind: 'context', entries: {} },
  function: { kind: 'function' },
  range: { kind: 'range', of: ANY },
  // Camunda 7's own words.
  integer: { kind: 'number' },
  long: { kind: 'number' },
  double: { kind: 'number' },
});

const parsed = new Map();

/** The type that a text names; undefined for an unknown one. Names of item definitions are those in scope. */
export function typeNamed(text) {
  const known = NAMES[text] ?? parsed.get(text);
  if (known !== undefined) {
    return known;
  }
  const name = text.replace(/\s+/g, ' ').replace(/\s*(->|[<>,:.])\s*/g, '$1').trim();
  const type = NAMES[name] ?? generic(name);
  if (type === undefined) {
    return running.types?.(name);
  }
  // What names item definitions means another thing in another file.
  if (!/<.*t/.test(name) || running.types === null) {
    parsed.set(text, type);
  }
  return type;
}

function generic(name) {
  const found = /^(list|range|context|function)<(.*)>(?:->(.+))?$/s.exec(name);
  if (!found) {
    return undefined;
  }
  const [, kind, inner, returns] = found;
  const parts = split(inner);
  switch (kind) {
    case 'context': {
      const pairs = parts.map(part => [part.slice(0, part.indexOf(':')).trim(), typeNamed(part.slice(part.indexOf(':') + 1))]);
      const entries = Object.fromEntries(pairs);
      return Object.values(entries).includes(undefined) ? undefined : { kind, entries };
    }
    case 'function': {
      const params = parts.map(part => typeNamed(part));
      return params.includes(undefined) ? undefined : { kind, params, returns: returns === undefined ? ANY : typeNamed(returns) };
    }
    default: {
      const of = typeNamed(inner);
      return of && { kind, of };
    }
  }
}

// The parts between the commas that stand in no pair of angles.
function split(text) {
  const parts = [''];
  let depth = 0;
  for (const sign of text.replaceAll('->', '→')) {
    depth += sign === '<' ? 1 : sign === '>' ? -1 : 0;
    if (sign === ',' && depth === 0) {
      parts.push('');
    } else {
      parts[parts.length - 1] += sign === '→' ? '->' : sign;
    }
  }
  return text.trim() === '' ? [] : parts;
}

/** `value instance of text`. */
export function instanceOf(value, text) {
  const type = typeNamed(text);
  return type === undefined ? warn('UNKNOWN_TYPE', { name: text }) : isInstance(value ?? null, type);
}

function isInstance(value, type) {
  if (value === null) {
    return type.kind === 'nil';
  }
  switch (type.kind) {
    case 'any':
      return true;
    case 'list':
      return Array.isArray(value) && value.every(item => type.of.kind === 'any' || isInstance(item, type.of)) && holds(type, value);
    case 'context':
      return (
        typeOf(value) === 'context' &&
        Object.entries(type.entries).every(([name, each]) => Object.hasOwn(value, name) && (each.kind === 'any' || isInstance(value[name], each))) &&
        holds(type, value)
      );
    case 'range':
      return typeOf(value) === 'range' && [value.start, value.end].every(point => point === null || isInstance(point, type.of));
    case 'function':
      return typeOf(value) === 'function' && takes(value, type);
    default:
      return isOfKind(value, type.kind) && holds(type, value);
  }
}

function takes(func, type) {
  if (type.params === undefined) {
    return true;
  }
  const [{ types, names }] = func.signatures;
  return names.length === type.params.length && (types ?? []).every((each, at) => each.kind === 'any' || each.kind === type.params[at].kind);
}

function isOfKind(value, kind) {
  const actual = typeOf(value);
  switch (kind) {
    case 'days':
      return value instanceof Days;
    case 'months':
      return value instanceof Months;
    case 'day':
      return actual === 'date' || actual === 'date time';
    default:
      return actual === kind;
  }
}

// Allowed values and constraints; a test that cannot be made lets nothing through.
const holds = (type, value) => type.test === undefined || type.test(value) === true;

const PLAIN = {
  date: parseDate,
  time: parseTime,
  'date time': parseMoment,
  days: parseDuration,
  months: parseDuration,
  duration: parseDuration,
  day: text => (text.includes('T') ? parseMoment : parseDate)(text),
};

/**
 * The value as the type wants it, or MISFIT (10.3.2.9.4): a list of one is its item and an item a list of one, a date is
 * its midnight. Where it is sent under a `plainName`, ISO texts stand for the temporals that are declared, as plain JSON
 * has them.
 */
export function fitted(value, type, plainName = '') {
  if (value === null || value === undefined || type.kind === 'any') {
    return value ?? null;
  }
  const fit = fits(value, type, plainName);
  if (fit !== MISFIT) {
    return fit;
  }
  if (type.kind === 'list') {
    const item = Array.isArray(value) ? MISFIT : fits(value, type.of, plainName);
    return item === MISFIT || !holds(type, [item]) ? MISFIT : [item];
  }
  if (Array.isArray(value) && value.length === 1) {
    return fitted(value[0], type, plainName);
  }
  return type.kind === 'date time' && typeOf(value) === 'date' ? midnight(value) : MISFIT;
}

function fits(value, type, plainName) {
  if (value === null || value === undefined || type.kind === 'any') {
    return value ?? null;
  }
  if (type.kind === 'list') {
    return Array.isArray(value) ? each(value.map(item => fits(item, type.of, plainName)), type) : MISFIT;
  }
  if (type.kind === 'context' && typeOf(value) === 'context') {
    const made = { ...value };
    for (const [name, entry] of Object.entries(type.entries)) {
      if (Object.hasOwn(value, name)) {
        withEntry(made, name, fits(value[name], entry, plainName));
      }
    }
    return Object.values(made).includes(MISFIT) || !holds(type, made) ? MISFIT : made;
  }
  if (plainName && typeof value === 'string' && PLAIN[type.kind]) {
    const read = PLAIN[type.kind](value);
    if (read === null) {
      throw new Trouble('NOT_A_DATE', { name: plainName });
    }
    return !isOfKind(read, type.kind) || !holds(type, read) ? MISFIT : read;
  }
  return isInstance(value, type) ? value : MISFIT;
}

function each(items, type) {
  return items.includes(MISFIT) || !holds(type, items) ? MISFIT : items;
}
