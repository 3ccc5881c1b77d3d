// The built-in functions (DMN 1.5, 10.3.4), each beside what it takes.
import { clockOf, dateFrom, dateOf, durationFrom, fromText, join, momentFrom, numberFrom, rangeFrom, textOf, timeFrom, timeOf } from './conversions.js';
import { builtin, takes } from './functions.js';
import { finite, mean, median, mode, modulo, product, rounded, stddev, sum } from './numbers.js';
import { regexp, replacementOf } from './patterns.js';
import { relation, RELATIONS } from './ranges.js';
import { allOf, anyOf, compare, equals, extreme, midnight, negated } from './rules.js';
import { dayNumber, monthsBetween, weekday } from './temporals.js';
import { Clock, Day, lookup, Moment, Months, running, typeOf, warn, withEntry } from './values.js';

const dayIn = point => (point instanceof Day ? point : point.date);
const nothing = () => null;

// -- conversion (10.3.4.1) ------------------------------------------------------------------------------------------

const CONVERSION = {
  number: builtin(takes('from: string, grouping separator: string~, decimal separator: string~', numberFrom)),
  string: builtin(takes('from: any', from => (from === null ? null : textOf(from)))),
  date: builtin(takes('from: string', dateFrom), takes('from: day', dayIn), takes('year: number, month: number, day: number', dateOf)),
  time: builtin(
    takes('from: string', timeFrom),
    takes('from: time', from => from),
    takes('from: day', clockOf),
    takes('hour: number, minute: number, second: number, offset: days~', timeOf),
  ),
  'date and time': builtin(
    takes('from: string', momentFrom),
    takes('from: moment', from => from),
    takes('from: date', midnight),
    takes('date: day, time: time', join),
  ),
  duration: builtin(takes('from: string', durationFrom), takes('from: duration', from => from)),
  'years and months duration': builtin(takes('from: day, to: day', monthsBetween)),
  range: builtin(takes('from: string', rangeFrom)),
  '@': builtin(takes('from: string', fromText)),
};

// -- booleans and strings (10.3.4.2, 10.3.4.3) ----------------------------------------------------------------------

const STRINGS = {
  not: builtin(takes('negand: boolean', negand => !negand), takes('negand: any', nothing)),
  substring: builtin(takes('string: string, start position: number, length: number?', substring)),
  'string length': builtin(takes('string: string', string => [...string].length)),
  'upper case': builtin(takes('string: string', string => string.toUpperCase())),
  'lower case': builtin(takes('string: string', string => string.toLowerCase())),
  'substring before': builtin(takes('string: string, match: string', (string, match) => string.slice(0, Math.max(0, string.indexOf(match))))),
  'substring after': builtin(takes('string: string, match: string', substringAfter)),
  replace: builtin(takes('input: string, pattern: string, replacement: string, flags: string~', replace)),
  contains: builtin(takes('string: string, match: string', (string, match) => string.includes(match))),
  'starts with': builtin(takes('string: string, match: string', (string, match) => string.startsWith(match))),
  'ends with': builtin(takes('string: string, match: string', (string, match) => string.endsWith(match))),
  matches: builtin(takes('input: string, pattern: string, flags: string~', matches)),
  split: builtin(takes('string: string, delimiter: string', split)),
  'string join': builtin(takes('list: list, delimiter: string~, prefix: string~, suffix: string~', stringJoin)),
};

function substring(string, start, length) {
  const signs = [...string];
  const first = Math.trunc(start);
  const from = first < 0 ? signs.length + first : first - 1;
  if (from < 0 || length < 1) {
    return warn('INVALID_ARGUMENT');
  }
  return signs.slice(from, length === undefined ? undefined : from + Math.trunc(length)).join('');
}

function substringAfter(string, match) {
  const at = string.indexOf(match);
  return at < 0 ? '' : string.slice(at + match.length);
}

function matches(input, pattern, flags = '') {
  return regexp(pattern, flags)?.test(input) ?? null;
}

function replace(input, pattern, replacement, flags = '') {
  const found = regexp(pattern, flags, 'g');
  if (found === null) {
    return null;
  }
  if (new RegExp(found.source, found.flags).test('')) {
    return warn('INVALID_PATTERN');
  }
  const groups = new RegExp(`${found.source}|`, found.flags).exec('').length - 1;
  const text = replacementOf(replacement, groups, flags.includes('q'));
  return text === null ? null : input.replace(found, text);
}

function split(string, delimiter) {
  const found = regexp(delimiter, '', 'g');
  if (found?.test('')) {
    return warn('INVALID_PATTERN');
  }
  return found === null ? null : string.replace(found, '\u{10FFFF}').split('\u{10FFFF}');
}

function stringJoin(list, delimiter = '', prefix = '', suffix = '') {
  const texts = list.filter(item => item !== null);
  return texts.every(item => typeof item === 'string') ? prefix + texts.join(delimiter) + suffix : warn('INVALID_ARGUMENT');
}

// -- lists (10.3.4.4) -----------------------------------------------------------------------------------------------

// Over one list, or over the arguments.
const over = run => builtin(takes('list: list', run), takes('...list: any', (...list) => (list.length === 1 ? null : run(list))));
const overNumbers = (run, empty = nothing) =>
  over(list => (list.length === 0 ? empty() : list.every(item => typeof item === 'number') ? run(list) : warn('INVALID_ARGUMENT')));
const indexIn = (list, position) => (Number.isInteger(position) && position !== 0 && Math.abs(position) <= list.length ? (position < 0 ? list.length + position : position - 1) : -1);
const hasItem = (list, element) => list.some(item => equals(item, element) === true);
const distinct = list => list.reduce((kept, item) => (hasItem(kept, item) ? kept : [...kept, item]), []);
const all = over(list => allOf(list, item => item));
const any = over(list => anyOf(list, item => item));

const LISTS = {
  'list contains': builtin(takes('list: list, element: any', hasItem)),
  'list replace': builtin(
    takes('list: list, position: number, newItem: any', replaceAt),
    takes('list: list, match: function, newItem: any', replaceMatching),
  ),
  count: over(list => list.length),
  min: over(list => (list.length ? extreme(list, -1) : null)),
  max: over(list => (list.length ? extreme(list, 1) : null)),
  sum: overNumbers(sum),
  mean: overNumbers(mean),
  product: overNumbers(product),
  median: overNumbers(median),
  stddev: overNumbers(list => (list.length < 2 ? warn('INVALID_ARGUMENT') : stddev(list))),
  mode: overNumbers(mode, () => []),
  all,
  and: all,
  any,
  or: any,
  sublist: builtin(takes('list: list, start position: number, length: number?', sublist)),
  append: builtin(takes('list: list, ...item: any', (list, ...items) => [...list, ...items])),
  concatenate: builtin(takes('...list: list', (...lists) => lists.flat(1))),
  'insert before': builtin(takes('list: list, position: number, newItem: any', insertBefore)),
  remove: builtin(takes('list: list, position: number', remove)),
  reverse: builtin(takes('list: list', list => [...list].reverse())),
  'index of': builtin(takes('list: list, match: any', (list, match) => list.flatMap((item, at) => (equals(item, match) === true ? [at + 1] : [])))),
  union: builtin(takes('...list: list', (...lists) => distinct(lists.flat(1)))),
  'distinct values': builtin(takes('list: list', distinct)),
  'duplicate values': builtin(takes('list: list', list => distinct(list.filter((item, at) => hasItem(list.slice(0, at), item))))),
  flatten: builtin(takes('list: list', list => list.flat(Infinity))),
  sort: builtin(takes('list: list, precedes: function?', sort)),
};

const outside = () => warn('INVALID_ARGUMENT');

function replaceAt(list, position, newItem) {
  const at = indexIn(list, position);
  return at < 0 ? outside() : list.with(at, newItem);
}

function replaceMatching(list, match, newItem) {
  const results = list.map(item => match.invoke([item, newItem]));
  return results.every(result => typeof result === 'boolean') ? list.map((item, at) => (results[at] ? newItem : item)) : warn('NOT_BOOLEAN');
}

function sublist(list, start, length) {
  const at = indexIn(list, start);
  if (at < 0 || (length !== undefined && (!Number.isInteger(length) || length < 0 || at + length > list.length))) {
    return outside();
  }
  return list.slice(at, length === undefined ? undefined : at + length);
}

function insertBefore(list, position, newItem) {
  const at = position === list.length + 1 ? list.length : indexIn(list, position);
  return at < 0 ? outside() : list.toSpliced(at, 0, newItem);
}

function remove(list, position) {
  const at = indexIn(list, position);
  return at < 0 ? outside() : list.toSpliced(at, 1);
}

function sort(list, precedes) {
  const isBefore = (a, b) => {
    const answer = precedes.invoke([a, b]);
    return typeof answer === 'boolean' ? answer : unsortable();
  };
  const sign = precedes === undefined ? (a, b) => compare(a, b) ?? unsortable() : (a, b) => (isBefore(a, b) ? -1 : isBefore(b, a) ? 1 : 0);
  try {
    return [...list].sort(sign);
  } catch (error) {
    if (error !== UNSORTABLE) {
      throw error;
    }
    return warn('NOT_COMPARABLE');
  }
}

const UNSORTABLE = new Error('unsortable');

function unsortable() {
  throw UNSORTABLE;
}

// -- numbers (10.3.4.5) ---------------------------------------------------------------------------------------------

const rounding = way => builtin(takes('n: number, scale: number', (n, scale) => rounded(n, scale, way)));
const wholeOrScaled = way => builtin(takes('n: number, scale: number?', (n, scale = 0) => rounded(n, scale, way)));

const NUMBERS = {
  decimal: rounding('half even'),
  'round up': rounding('up'),
  'round down': rounding('down'),
  'round half up': rounding('half up'),
  'round half down': rounding('half down'),
  'round half even': rounding('half even'),
  floor: wholeOrScaled('floor'),
  ceiling: wholeOrScaled('ceiling'),
  abs: builtin(takes('n: number', Math.abs), takes('n: duration', n => ((n instanceof Months ? n.months < 0 : n.total < 0n) ? negated(n) : n))),
  modulo: builtin(takes('dividend: number, divisor: number', modulo)),
  sqrt: builtin(takes('number: number', number => finite(Math.sqrt(number)))),
  log: builtin(takes('number: number', number => finite(Math.log(number)))),
  exp: builtin(takes('number: number', number => finite(Math.exp(number)))),
  odd: builtin(takes('number: number', number => Number.isInteger(number) && number % 2 !== 0)),
  even: builtin(takes('number: number', number => number % 2 === 0)),
};

// -- ranges, temporals, contexts (10.3.4.6 to 10.3.4.10) ------------------------------------------------------------

const POINT_FIRST = ['during', 'finishes', 'starts'];
const RANGE_FIRST = ['includes', 'finished by', 'started by'];
const HAS_TWO_RANGES = ['meets', 'met by', 'overlaps', 'overlaps before', 'overlaps after'];

// How the standard names the two, for points and for ranges.
function relationOf(name) {
  const run = (a, b) => (a === null || b === null ? null : relation(name, a, b));
  const plain = [takes('range1: range, range2: range', run)];
  if (HAS_TWO_RANGES.includes(name)) {
    return builtin(...plain);
  }
  if (POINT_FIRST.includes(name)) {
    return builtin(...plain, takes('point: any, range: range', run));
  }
  if (RANGE_FIRST.includes(name)) {
    return builtin(...plain, takes('range: range, point: any', run));
  }
  return builtin(...plain, takes('point1: any, point2: any', run), takes('point: any, range: range', run), takes('range: range, point: any', run));
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const dayOfYear = day => dayNumber(day) - dayNumber(new Day(day.year, 1, 1)) + 1;

function weekOfYear(day) {
  // ISO 8601: the week of its Thursday.
  const thursday = dayNumber(day) - weekday(day) + 4;
  let { year } = day;
  while (thursday < dayNumber(new Day(year, 1, 1))) {
    year -= 1;
  }
  if (thursday >= dayNumber(new Day(year + 1, 1, 1))) {
    year += 1;
  }
  return Math.floor((thursday - dayNumber(new Day(year, 1, 1))) / 7) + 1;
}

const overDay = run => builtin(takes('date: day', date => run(dayIn(date))));
const TEMPORALS = {
  now: builtin(takes('', () => running.now)),
  today: builtin(takes('', () => running.now.date)),
  'day of year': overDay(dayOfYear),
  'day of week': overDay(day => WEEKDAYS[weekday(day) - 1]),
  'month of year': overDay(day => MONTHS[day.month - 1]),
  'week of year': overDay(weekOfYear),
  is: builtin(takes('value1: any, value2: any', isSame)),
};

/** Whether both are the same of the same kind, down to how a zone is written (10.3.4.9). */
function isSame(a, b) {
  const isZoned = value => value instanceof Clock || value instanceof Moment;
  if (isZoned(a) && isZoned(b)) {
    return a.constructor === b.constructor && textOf(a) === textOf(b);
  }
  return typeOf(a) === typeOf(b) && a?.constructor === b?.constructor && equals(a, b) === true;
}

const CONTEXTS = {
  'get value': builtin(
    takes('m: context, key: string', (m, key) => (Object.hasOwn(m, key) ? m[key] : null)),
    takes('context: context, keys: list', (context, keys) => keys.reduce((m, key) => (typeOf(m) === 'context' && Object.hasOwn(m, key) ? m[key] : null), context)),
  ),
  'get entries': builtin(takes('m: context', m => Object.entries(m).map(([key, value]) => ({ key, value })))),
  context: builtin(takes('entries: list', contextFrom)),
  'context put': builtin(
    takes('context: context, key: string, value: any', (context, key, value) => withEntry({ ...context }, key, value)),
    takes('context: context, keys: list, value: any', putDeep),
  ),
  'context merge': builtin(takes('contexts: list', contexts => (contexts.every(each => typeOf(each) === 'context') ? Object.assign({}, ...contexts) : warn('INVALID_ARGUMENT')))),
};

function contextFrom(entries) {
  const made = {};
  for (const entry of entries) {
    if (typeOf(entry) !== 'context' || typeof entry.key !== 'string' || !Object.hasOwn(entry, 'value') || Object.hasOwn(made, entry.key)) {
      return warn('INVALID_ARGUMENT');
    }
    withEntry(made, entry.key, entry.value);
  }
  return made;
}

function putDeep(context, keys, value) {
  const [key, ...rest] = keys;
  if (typeof key !== 'string') {
    return warn('INVALID_ARGUMENT');
  }
  const inner = Object.hasOwn(context, key) ? context[key] : {};
  if (rest.length > 0 && typeOf(inner) !== 'context') {
    return warn('INVALID_ARGUMENT');
  }
  const put = rest.length ? putDeep(inner, rest, value) : value;
  return rest.length && put === null ? null : withEntry({ ...context }, key, put);
}

export const builtins = lookup({
  ...CONVERSION,
  ...STRINGS,
  ...LISTS,
  ...NUMBERS,
  ...Object.fromEntries(Object.keys(RELATIONS).map(name => [name, relationOf(name)])),
  ...TEMPORALS,
  ...CONTEXTS,
});
