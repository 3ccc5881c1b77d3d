// What feelin leaves loose, tight: comparison, logic, filters and arithmetic as DMN 1.5 (10.3.2) has them. The patched
// feelin (patches.mjs) calls in here.
import { between, clockValue, dayNumber, instant, shift } from './temporals.js';
import { Clock, Day, Days, Moment, Months, Range, running, typeOf, warn, withEntry } from './values.js';


// -- comparison (10.3.2.7) ------------------------------------------------------------------------------------------

// A point in time and one that is local to nowhere are never the same in DMN; a process takes its organisation's zone.
const areUnlikeZones = (a, b) => !running.strict && (a.zone === null) !== (b.zone === null);

/** true, false, or null for unlike types. */
export function equals(a, b) {
  if (typeof a === typeof b && typeof a !== 'object' && a !== undefined) {
    return a === b;
  }
  a ??= null;
  b ??= null;
  if (a === null || b === null) {
    return a === b;
  }
  if (Array.isArray(a) !== Array.isArray(b)) {
    // A list of one is its item (10.3.2.9.4).
    const [list, other] = Array.isArray(a) ? [a, b] : [b, a];
    return list.length === 1 ? equals(list[0], other) : null;
  }
  const type = typeOf(a);
  if (type !== typeOf(b)) {
    return null;
  }
  switch (type) {
    case 'time':
    case 'date time':
      return !areUnlikeZones(a, b) && compare(a, b) === 0;
    case 'date':
    case 'duration': {
      const order = compare(a, b);
      return order === null ? null : order === 0;
    }
    case 'list':
      return a.length === b.length && a.every((item, index) => equals(item, b[index]) === true);
    case 'context': {
      const names = Object.keys(a);
      return names.length === Object.keys(b).length && names.every(name => Object.hasOwn(b, name) && equals(a[name], b[name]) === true);
    }
    case 'range':
      return (
        equals(a.start, b.start) === true &&
        equals(a.end, b.end) === true &&
        a['start included'] === b['start included'] &&
        a['end included'] === b['end included']
      );
    default:
      return a === b;
  }
}

const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const isZero = duration => (duration instanceof Months ? duration.months === 0 : duration.total === 0n);

/** Less than 0, 0, more than 0; null for unlike types and for types without an order. */
export function compare(a, b) {
  if (typeof a === 'number' && typeof b === 'number') {
    return order(a, b);
  }
  const type = typeOf(a);
  if (type !== typeOf(b)) {
    return null;
  }
  switch (type) {
    case 'number':
    case 'string':
      return order(a, b);
    case 'date':
      return dayNumber(a) - dayNumber(b);
    case 'time':
      return a.zone === null && b.zone === null ? a.nanos - b.nanos : clockValue(a) - clockValue(b);
    case 'date time': {
      const [left, right] = instants(a, b);
      return left[0] - right[0] || left[1] - right[1];
    }
    case 'duration':
      if (a.constructor !== b.constructor) {
        // No length at all is the same in both kinds; nothing else can be compared.
        return isZero(a) && isZero(b) ? 0 : null;
      }
      return a instanceof Months ? a.months - b.months : order(a.total, b.total);
    default:
      return null;
  }
}

function instants(a, b) {
  const areLocal = a.zone === null && b.zone === null;
  return areLocal && !running.strict ? [a, b].map(each => [dayNumber(each.date), each.nanos]) : [instant(a), instant(b)];
}

export function equalsOrWarn(a, b) {
  const result = equals(a, b);
  return result === null ? warn('NOT_COMPARABLE') : result;
}

export function differs(a, b) {
  const same = equalsOrWarn(a, b);
  return same === null ? null : !same;
}

/** Whether `value` passes one test of an `in` or of a cell: a comparison, a range, a list or a value. */
export function passes(test, value) {
  if (typeof test === 'function') {
    return test(value);
  }
  if (test instanceof Range && !(value instanceof Range)) {
    return test.includes(value);
  }
  if (Array.isArray(test) && !Array.isArray(value)) {
    return anyOf(test, item => passes(item, value));
  }
  if (Array.isArray(test)) {
    return equals(test, value) === true || test.some(item => equals(item, value) === true);
  }
  return equalsOrWarn(test, value);
}

// -- logic ----------------------------------------------------------------------------------------------------------

/** Three-valued `or` over the items: true if one is true, else null if one is null, else false. */
export function anyOf(items, test) {
  let unknown = false;
  for (const item of items) {
    const result = truth(test(item));
    if (result === true) {
      return true;
    }
    unknown ||= result === null;
  }
  return unknown ? null : false;
}

export function allOf(items, test) {
  const result = anyOf(items, item => {
    const each = truth(test(item));
    return each === null ? null : !each;
  });
  return result === null ? null : !result;
}

/** The value itself when it is true, false or null; a trouble for anything else. */
export function truth(value) {
  if (value === true || value === false) {
    return value;
  }
  return value === null || value === undefined ? null : warn('NOT_BOOLEAN');
}

/** What an `if` asks: null is a trouble as well, since it would choose `else` unseen. */
export function condition(value) {
  return typeof value === 'boolean' ? value : warn('NOT_BOOLEAN');
}

export function extreme(list, sign) {
  let best = null;
  for (const item of list) {
    if (item === null || item === undefined) {
      return null;
    }
    const sense = best === null ? compare(item, item) === null ? null : sign : compare(item, best);
    if (sense === null) {
      return warn('NOT_COMPARABLE');
    }
    if (sense * sign > 0) {
      best = item;
    }
  }
  return best;
}

/** What a `for`, `some` or `every` goes through where it was given no list: in DMN the one value (10.3.2.9.4). */
export function singleton(value) {
  if (value === null || running.strict) {
    return value === null ? null : warn('NOT_ITERABLE');
  }
  return [value];
}

// -- filters and contexts -------------------------------------------------------------------------------------------

/** The items that a filter lets through, or the one that it counts to. `type` is what the filter is by its shape. */
export function filtered(items, filter, context, type) {
  if (type === 'number') {
    return itemAt(items, filter(context));
  }
  if (type !== 'test' && type !== 'boolean' && type !== 'any') {
    return warn('INVALID_TYPE') ?? [];
  }
  if (type === 'any' && items.length > 0) {
    const first = filter(around(items[0], context));
    if (typeof first === 'number') {
      return itemAt(items, first);
    }
  }
  return items.filter(item => {
    const result = filter(around(item, context));
    return (typeof result === 'boolean' ? result : result === null ? null : passes(result, item)) === true;
  });
}

function around(item, context) {
  return { ...context, item, ...(typeOf(item) === 'context' ? item : {}) };
}

function itemAt(items, index) {
  if (!Number.isInteger(index)) {
    return warn('INVALID_TYPE');
  }
  return items[index < 0 ? items.length + index : index - 1] ?? null;
}

/** The context of the entries, each of which sees those before it; a name that stands twice makes it none. */
export function contextOf(entries, context) {
  const seen = { ...context };
  const made = {};
  for (const entry of entries) {
    const [name, value] = entry(seen);
    if (Object.hasOwn(made, name)) {
      return warn('NAME_TWICE', { name });
    }
    withEntry(made, name, value);
    withEntry(seen, name, value);
  }
  return made;
}

// -- arithmetic (10.3.2.5) ------------------------------------------------------------------------------------------

// FEEL numbers are decimals of 34 digits (10.3.2.3.1), V8's are doubles of almost 16. What is a short decimal but for the
// last of them is meant to be it: 0.1 + 0.2 is 0.3, not 0.30000000000000004; 1 / 3 keeps all that it has.
const SHORT = 14;
const NOISE = 4 * Number.EPSILON;

export function tidy(number) {
  // Most are short already.
  if (!Number.isFinite(number) || Math.round(number * 1e4) / 1e4 === number) {
    return number;
  }
  const [digits, exponent] = number.toExponential(SHORT).split('e');
  const plain = digits.replace(/0+$/, '');
  const short = Number(`${plain}e${exponent}`);
  const isNear = Math.abs(number - short) <= NOISE * Math.abs(number);
  return isNear && plain.replace(/\D/g, '').length <= SHORT ? short : number;
}

// Ten billionths are enough for a factor, and keep nanoseconds exact over any length.
const PARTS = 10_000_000_000;

const ARITHMETIC = {
  'number + number': (a, b) => tidy(a + b),
  'number - number': (a, b) => tidy(a - b),
  'number * number': (a, b) => tidy(a * b),
  'number / number': (a, b) => (b === 0 ? warn('DIVISION_BY_ZERO') : tidy(a / b)),
  'number ** number': power,
  'number ^ number': power,
  'string + string': (a, b) => a + b,
  'duration + duration': (a, b) => addDurations(a, b, 1),
  'duration - duration': (a, b) => addDurations(a, b, -1),
  'duration * number': scale,
  'number * duration': (a, b) => scale(b, a),
  'duration / number': (a, b) => (b === 0 ? warn('DIVISION_BY_ZERO') : divide(a, b)),
  'duration / duration': quotient,
  'date - date': (a, b) => new Days(dayNumber(a) - dayNumber(b)),
  'time - time': subtractTimes,
  'date time - date time': subtractMoments,
  'date time - date': (a, b) => subtractMoments(a, midnight(b)),
  'date - date time': (a, b) => subtractMoments(midnight(a), b),
  'date + duration': (a, b) => moved(a, b, 1),
  'time + duration': (a, b) => moved(a, b, 1),
  'date time + duration': (a, b) => moved(a, b, 1),
  'duration + date': (a, b) => moved(b, a, 1),
  'duration + time': (a, b) => moved(b, a, 1),
  'duration + date time': (a, b) => moved(b, a, 1),
  'date - duration': (a, b) => moved(a, b, -1),
  'time - duration': (a, b) => moved(a, b, -1),
  'date time - duration': (a, b) => moved(a, b, -1),
};

export function arithmetic(op, a, b) {
  if (typeof a === 'number' && typeof b === 'number' && op === '+') {
    return tidy(a + b);
  }
  const run = ARITHMETIC[`${typeOf(a)} ${op} ${typeOf(b)}`];
  return run === undefined ? warn('INVALID_TYPE') : run(a, b);
}

export function negated(value) {
  if (typeof value === 'number') {
    return value === 0 ? 0 : -value;
  }
  if (value instanceof Months) {
    return new Months(value.months ? -value.months : 0);
  }
  return value instanceof Days ? new Days(value.days ? -value.days : 0, -value.exact) : warn('INVALID_TYPE');
}

function power(a, b) {
  const result = tidy(Math.pow(a, b));
  return Number.isFinite(result) ? result : warn('INVALID_NUMBER');
}

function addDurations(a, b, sign) {
  if (a.constructor !== b.constructor) {
    return warn('NOT_COMPARABLE');
  }
  return a instanceof Months ? new Months(a.months + sign * b.months) : new Days(a.days + sign * b.days, a.exact + BigInt(sign) * b.exact);
}

function scale(duration, factor) {
  if (!Number.isFinite(factor)) {
    return warn('INVALID_NUMBER');
  }
  if (duration instanceof Months) {
    return new Months(Math.trunc(tidy(duration.months * factor)) || 0);
  }
  // Whole units stay what they were: P1D * 2 keeps the wall clock over a change to summer time, as P2D does.
  return Number.isInteger(factor)
    ? new Days(duration.days * factor, duration.exact * BigInt(factor))
    : new Days(0, (duration.total * BigInt(Math.round(factor * PARTS))) / BigInt(PARTS));
}

function divide(duration, by) {
  if (duration instanceof Months) {
    return new Months(Math.trunc(tidy(duration.months / by)) || 0);
  }
  const parts = Math.round(by * PARTS);
  if (!Number.isFinite(by) || parts === 0) {
    return warn('INVALID_NUMBER');
  }
  return new Days(0, Number.isInteger(by) ? duration.total / BigInt(by) : (duration.total * BigInt(PARTS)) / BigInt(parts));
}

function quotient(a, b) {
  if (a.constructor !== b.constructor) {
    return warn('NOT_COMPARABLE');
  }
  const [over, under] = a instanceof Months ? [a.months, b.months] : [Number(a.total), Number(b.total)];
  return under === 0 ? warn('DIVISION_BY_ZERO') : tidy(over / under);
}

// A date where a date and time is needed is its midnight in UTC (10.3.2.9.4).
export const midnight = day => new Moment(day, 0, { seconds: 0 });

function subtractMoments(a, b) {
  if (areUnlikeZones(a, b)) {
    return warn('NOT_COMPARABLE');
  }
  return between(...instants(a, b));
}

function subtractTimes(a, b) {
  if (areUnlikeZones(a, b)) {
    return warn('NOT_COMPARABLE');
  }
  return new Days(0, BigInt(compare(a, b)));
}

function moved(point, duration, sign) {
  if (point instanceof Clock && duration instanceof Months) {
    return warn('INVALID_TYPE');
  }
  return shift(point, duration, sign) ?? warn('INVALID_VALUE');
}

