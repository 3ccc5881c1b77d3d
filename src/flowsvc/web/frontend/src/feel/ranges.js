// Ranges as values, and how they lie to one another (DMN 1.5, 10.3.2.7 and 10.3.4.7).
import { compare } from './rules.js';
import { addDays, dayNumber } from './temporals.js';
import { Range, typeOf, warn } from './values.js';

export function createRange(start, end, startIncluded = true, endIncluded = true) {
  start ??= null;
  end ??= null;
  const order = start === null || end === null ? 0 : compare(start, end);
  if (order === null) {
    warn('NOT_COMPARABLE');
  }
  const isEmpty = order === null || (start === null && end === null);
  return new Range({
    start,
    end,
    'start included': start !== null && startIncluded,
    'end included': end !== null && endIncluded,
    map: fn => points(start, end, startIncluded, endIncluded).map(fn),
    includes: value => (isEmpty || value === null || value === undefined ? null : within(value)),
  });

  function within(value) {
    const low = start === null ? 1 : compare(value, start);
    const high = end === null ? -1 : compare(value, end);
    if (low === null || high === null) {
      return warn('NOT_COMPARABLE');
    }
    return (low > 0 || (low === 0 && startIncluded)) && (high < 0 || (high === 0 && endIncluded));
  }
}

// What a `for` goes through, downwards too.
function points(start, end, startIncluded, endIncluded) {
  const isDates = typeOf(start) === 'date' && typeOf(end) === 'date';
  if (!isDates && !(Number.isInteger(start) && Number.isInteger(end))) {
    return warn('NOT_ITERABLE') ?? [];
  }
  const [from, to] = isDates ? [0, dayNumber(end) - dayNumber(start)] : [start, end];
  const direction = from > to ? -1 : 1;
  const last = endIncluded ? to : to - direction;
  const result = [];
  for (let at = startIncluded ? from : from + direction; direction * (last - at) >= 0; at += direction) {
    result.push(isDates ? addDays(start, at) : at);
  }
  return result;
}

const asRange = value => (value instanceof Range ? value : createRange(value, value));

// How the starts (or ends) of two ranges lie. No bound is before every start and after every end; an open bound lies
// just inside its point.
function starts(a, b) {
  if (a.start === null || b.start === null) {
    return (b.start === null) - (a.start === null);
  }
  return compare(a.start, b.start) || b['start included'] - a['start included'];
}

function ends(a, b) {
  if (a.end === null || b.end === null) {
    return (a.end === null) - (b.end === null);
  }
  return compare(a.end, b.end) || a['end included'] - b['end included'];
}

// Where the end of a lies to the start of b: < 0 before it, 0 touching with both points in, > 0 past it.
function endToStart(a, b) {
  if (a.end === null || b.start === null) {
    return 1;
  }
  const order = compare(a.end, b.start);
  return order === 0 && !(a['end included'] && b['start included']) ? -1 : order;
}

export const RELATIONS = {
  before: (a, b) => endToStart(a, b) < 0,
  after: (a, b) => endToStart(b, a) < 0,
  meets: (a, b) => endToStart(a, b) === 0,
  'met by': (a, b) => endToStart(b, a) === 0,
  overlaps: (a, b) => endToStart(a, b) >= 0 && endToStart(b, a) >= 0,
  'overlaps before': (a, b) => starts(a, b) < 0 && ends(a, b) <= 0 && endToStart(a, b) >= 0,
  'overlaps after': (a, b) => starts(a, b) > 0 && ends(a, b) >= 0 && endToStart(b, a) >= 0,
  finishes: (a, b) => ends(a, b) === 0 && starts(a, b) >= 0,
  'finished by': (a, b) => ends(a, b) === 0 && starts(b, a) >= 0,
  includes: (a, b) => starts(a, b) <= 0 && ends(a, b) >= 0,
  during: (a, b) => starts(b, a) <= 0 && ends(b, a) >= 0,
  starts: (a, b) => starts(a, b) === 0 && ends(a, b) <= 0,
  'started by': (a, b) => starts(a, b) === 0 && ends(b, a) <= 0,
  coincides: (a, b) => starts(a, b) === 0 && ends(a, b) === 0,
};

/** An interval relation of DMN 1.5, 10.3.4.7, between points and ranges. */
export function relation(name, a, b) {
  const [left, right] = [asRange(a), asRange(b)];
  const known = [left.start ?? left.end, right.start ?? right.end];
  if (known.some(point => point === null)) {
    return null;
  }
  return compare(...known) === null ? warn('NOT_COMPARABLE') : RELATIONS[name](left, right);
}
