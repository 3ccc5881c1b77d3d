// Compiles FEEL texts once and runs them on plain JSON: decodes tagged temporals, keeps closures, encodes results.
import { normalizeContextKey } from '@bpmn-io/lezer-feel';
import { compile as build, SyntaxError as FeelSyntaxError, parseExpression, parseUnaryTests } from 'flowsvc-feelin';
import { builtins } from './builtins.js';
import { masked } from './conversions.js';
import { dateText, durationText, homeZone, instant, momentAt, momentText, offsetOf, offsetText, parseDate, parseDuration, parseMoment, parseTime, wallText } from './temporals.js';
import { lookup, running, Trouble, typeOf, warn, withEntry } from './values.js';

const MAX_PROGRAMS = 5000;
const MAX_ITEMS = 1000;
// These words change how a text is read when they are names of variables.
const READ_OTHERWISE = new Set('date time duration years and days list context function for if then else some every in'.split(' '));
const PLAIN_NAME = /^[\p{L}_][\p{L}\p{N}_]*$/u;

const programs = new Map();

/** The names in a context that decide how a text is parsed, as one key. A plain identifier is read alike, known or not. */
export function oddNames(context) {
  const found = [];
  collectOdd(context, '', found);
  return found.length ? [...new Set(found)].sort().join('\n') : '';
}

function collectOdd(value, path, found) {
  if (Array.isArray(value)) {
    value.forEach(item => collectOdd(item, path, found));
  } else if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    for (const name of Object.keys(value)) {
      if (!PLAIN_NAME.test(name) || READ_OTHERWISE.has(name)) {
        found.push(`${path}.${name}`);
      }
      collectOdd(value[name], `${path}.${name}`, found);
    }
  }
}

// Closures by what decides how a text is read, then by the text: it is looked up for every cell.
let kept = 0;

/** Where the closures are kept for texts among the same odd names. */
export function shelfOf(odd) {
  let shelf = programs.get(odd);
  if (shelf === undefined) {
    shelf = { expression: new Map(), unary: new Map() };
    programs.set(odd, shelf);
  }
  return shelf;
}

/** The text as a closure over a context; the same text with the same odd names is built once. `shape` has names that are
 * declared, whether or not there is a value. */
export function compile(kind, text, context, shelf, shape = null) {
  let program = shelf[kind].get(text);
  if (program === undefined) {
    program = build(kind, text, shape === null ? context : outlined(shape, context));
    makeRoom(shelf);
    shelf[kind].set(text, program);
    kept += 1;
  }
  return program;
}

function makeRoom(shelf) {
  while (kept >= MAX_PROGRAMS) {
    const [odd, oldest] = programs.entries().next().value;
    kept -= oldest.expression.size + oldest.unary.size;
    oldest.expression.clear();
    oldest.unary.clear();
    programs.delete(odd);
    if (oldest === shelf) {
      programs.set(odd, shelf);
    }
  }
}

function outlined(shape, value) {
  if (Array.isArray(value) && typeOf(shape) === 'context') {
    return value.map(item => outlined(shape, item));
  }
  if (typeOf(shape) !== 'context' || (typeOf(value) !== 'context' && typeOf(value) !== 'nil')) {
    return value;
  }
  const made = { ...value };
  for (const name of Object.keys(shape)) {
    withEntry(made, name, outlined(shape[name], Object.hasOwn(made, name) ? made[name] : null));
  }
  return made;
}

/** A JSON value with its tagged temporals made into FEEL's. */
function decode(value) {
  if (value === null || typeof value !== 'object') {
    return value;
  }
  if (Array.isArray(value)) {
    return value.map(decode);
  }
  if (typeof value.$t === 'string' && typeof value.v === 'string') {
    return temporal(value.$t, value.v);
  }
  const result = {};
  for (const name of Object.keys(value)) {
    withEntry(result, name, decode(value[name]));
  }
  return result;
}

/** The variables of a question; one that cannot be read is named. */
export function decodeAll(variables) {
  const context = {};
  for (const name of Object.keys(variables)) {
    try {
      withEntry(context, name, decode(variables[name]));
    } catch (error) {
      throw error instanceof Trouble ? new Trouble('NOT_A_DATE', { name }) : error;
    }
  }
  return context;
}

const READ = lookup({ date: parseDate, time: parseTime, datetime: parseMoment, duration: parseDuration });

function temporal(tag, text) {
  const value = READ[tag]?.(text);
  if (!value) {
    throw new Trouble('INVALID_VALUE');
  }
  // A process sees points in time by the clock of its organisation.
  return tag === 'datetime' && running.strict ? momentAt(instant(value), homeZone()) : value;
}

/** A point in time by the clock of the organisation. */
export function momentFrom(iso) {
  return momentAt(instant(parseMoment(iso)), homeZone());
}

/**
 * A FEEL value as JSON with tagged temporals; what JSON cannot hold as it is (functions, ranges, NaN) is a trouble.
 * Variables of a process are points in time, in UTC; a decision that is asked by itself answers as it is written.
 */
export function encode(value, budget = { items: MAX_ITEMS }) {
  switch (typeOf(value)) {
    case 'nil':
      return null;
    case 'boolean':
    case 'string':
      return value;
    case 'number':
      if (!Number.isFinite(value)) {
        return warn('INVALID_NUMBER');
      }
      return value;
    case 'list':
      budget.items -= value.length;
      if (budget.items < 0) {
        throw new Trouble('TOO_MANY_ITEMS');
      }
      return value.map(item => encode(item, budget));
    case 'context': {
      const result = {};
      for (const name of Object.keys(value)) {
        withEntry(result, name, encode(value[name], budget));
      }
      return result;
    }
    case 'date':
      return { $t: 'date', v: dateText(value) };
    case 'date time':
      return { $t: 'datetime', v: momentOut(value) };
    case 'time':
      return { $t: 'time', v: timeOut(value) };
    case 'duration':
      return { $t: 'duration', v: durationText(value) };
    default:
      return warn('NO_VALUE');
  }
}

const UTC = { seconds: 0 };

function momentOut(moment) {
  if (running.strict) {
    return momentText(momentAt(instant(moment), UTC));
  }
  const wall = momentText({ ...moment, zone: null });
  return moment.zone === null ? wall : wall + offsetText(offsetOf(moment));
}

// A time by the name of a zone is one of the wall clock there; other systems know offsets alone.
function timeOut(time) {
  const isWall = time.zone === null || (time.zone.name !== undefined && running.strict);
  return wallText(time.nanos) + (isWall ? '' : offsetText(offsetOf({ date: running.now.date, nanos: time.nanos, zone: time.zone })));
}

const WANTED = {
  any: () => true,
  bool: type => type === 'boolean',
  number: type => type === 'number',
  text: type => type === 'string',
  date: type => type === 'date' || type === 'date time',
  duration: type => type === 'duration',
  list: type => type === 'list',
};

/** Runs one text; answers {v} or {e}. */
export function attempt(run) {
  running.position = null;
  running.places = [];
  running.warnings = [];
  running.types = null;
  try {
    return { v: run() };
  } catch (error) {
    return { e: fault(error) };
  }
}

export function evaluate(text, context, odd, want) {
  const value = compile('expression', text, context, shelfOf(odd))(context);
  running.position = null;
  if (!WANTED[want](typeOf(value))) {
    throw new Trouble('NOT_WANTED', { name: want });
  }
  return encode(value);
}

export function unaryTest(text, context, odd) {
  const result = compile('unary', text, context, shelfOf(odd))(context)(context['?'] ?? null);
  return result === true;
}

/** The trouble as JSON: a kind that the parent knows, never a value. Messages of foreign errors may hold values: dropped. */
export function fault(error) {
  if (error instanceof Trouble) {
    return { type: error.type, name: error.troubleName, from: error.position?.from, to: error.position?.to, ...error.place };
  }
  if (error instanceof FeelSyntaxError) {
    return { type: 'SYNTAX', name: '', from: error.position.from, to: error.position.to, ...error.place };
  }
  if (error instanceof RangeError) {
    return { type: /call stack/.test(error.message) ? 'TOO_DEEP' : 'TOO_LARGE', name: '', ...error.place };
  }
  return { type: /^not implemented/.test(error.message) ? 'NOT_SUPPORTED' : 'INVALID_TYPE', name: '', ...error.place };
}

/** Where the text cannot be read, as [{from, to}]; empty when it can. `names` are variables, with what is inside them. */
export function check(kind, text, names) {
  const context = contextOf(names);
  const result = attempt(() => void build(kind, text, context));
  return result.e ? [result.e] : [];
}

const contextOf = names => (Array.isArray(names) ? Object.fromEntries(names.map(name => [name, null])) : names);

/** The top-level names that a text reads, as [name, whether a built-in has it too]: no iterators, parameters, entries. */
export function variables(kind, text, names) {
  const context = contextOf(names);
  const declared = new Map(Object.keys(context).map(name => [normalizeContextKey(name), name]));
  const tree = (kind === 'unary' ? parseUnaryTests : parseExpression)(masked(text), context);
  const found = new Set();
  let isBroken = false;
  walk(tree.topNode, new Set());
  return isBroken ? null : [...found].map(name => [name, Object.hasOwn(builtins, name)]);

  function walk(node, bound) {
    isBroken ||= node.type.isError;
    switch (node.name) {
      case 'VariableName':
        note(node, bound);
        return;
      case 'PathExpression':
        walk(node.firstChild, bound);
        return;
      case 'FilterExpression':
        filter(node, bound);
        return;
      case 'ForExpression':
      case 'QuantifiedExpression':
        iterate(node, new Set(bound), node.name === 'ForExpression');
        return;
      case 'FunctionDefinition':
        children(node, new Set([...bound, ...parameterNames(node)]));
        return;
      case 'Context':
        entries(node, new Set(bound));
        return;
      case 'NamedParameter':
        walk(node.lastChild, bound);
        return;
      default:
        children(node, bound);
    }
  }

  function children(node, bound) {
    for (let child = node.firstChild; child; child = child.nextSibling) {
      walk(child, bound);
    }
  }

  // Inside a filter a name may be a property of the items: it is noted all the same, one name too many does no harm.
  function filter(node, bound) {
    children(node, new Set([...bound, 'item']));
  }

  function iterate(node, bound, hasPartial) {
    for (let child = node.firstChild; child; child = child.nextSibling) {
      if (child.name === 'InExpressions') {
        for (let each = child.firstChild; each; each = each.nextSibling) {
          walk(each.lastChild, bound);
          bound.add(nameOf(each.firstChild));
        }
        if (hasPartial) {
          bound.add('partial');
        }
      } else {
        walk(child, bound);
      }
    }
  }

  function entries(node, bound) {
    for (let child = node.firstChild; child; child = child.nextSibling) {
      if (child.name === 'ContextEntry') {
        walk(child.lastChild, bound);
        bound.add(nameOf(child.firstChild).replace(/^"|"$/g, ''));
      }
    }
  }

  function parameterNames(node) {
    const result = [];
    node.cursor().iterate(each => {
      if (each.name === 'ParameterName') {
        result.push(nameOf(each));
      }
    });
    return result;
  }

  function note(node, bound) {
    const name = nameOf(node);
    if (!bound.has(name)) {
      found.add(name);
    }
  }

  function nameOf(node) {
    const written = text.slice(node.from, node.to).replace(/\s+/g, ' ').trim();
    return declared.get(normalizeContextKey(written)) ?? written;
  }
}
