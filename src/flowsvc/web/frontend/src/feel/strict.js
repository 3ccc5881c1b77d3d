// What feelin leaves loose, tight: types, comparison, arithmetic, dates and ranges as DMN 1.5 (10.3.2) has them, and a
// trouble instead of null wherever a value is of the wrong kind. The patched feelin (patches.mjs) calls in here.
import { DateTime, Duration, FixedOffsetZone, IANAZone, Settings, Zone } from 'luxon';

/** Why an evaluation stopped; `type` is a fixed word, `name` comes from the expression's text, never from a value. */
export class Trouble extends Error {
  constructor(type, { name = '', position = null } = {}) {
    super(type);
    this.type = type;
    this.troubleName = name;
    this.position = position;
  }
}

/** State of the one evaluation that runs: V8 runs one at a time. Lenient (null instead of a trouble) is for conformance suites. */
export const running = { strict: true, now: null, position: null };

export function warn(type, details = {}) {
  if (running.strict) {
    throw new Trouble(type, { position: running.position, ...details });
  }
  return null;
}

// Dates live in a zone of their own: luxon has no date without a time, and feelin took any UTC midnight for a date.
class DayZone extends FixedOffsetZone {
  constructor() {
    super(0);
  }
  get type() {
    return 'day';
  }
  equals(other) {
    return other === this;
  }
}
export const DAY_ZONE = new DayZone();

// Times written without a zone are of the organisation's zone, never of the machine's.
export class LocalZone extends Zone {
  constructor() {
    super();
    this.inner = FixedOffsetZone.utcInstance;
  }
  get type() {
    return 'local';
  }
  get name() {
    return this.inner.name;
  }
  get isUniversal() {
    return false;
  }
  get isValid() {
    return true;
  }
  offsetName(ts, options) {
    return this.inner.offsetName(ts, options);
  }
  formatOffset(ts, format) {
    return this.inner.formatOffset(ts, format);
  }
  offset(ts) {
    return this.inner.offset(ts);
  }
  equals(other) {
    return other === this;
  }
}
LocalZone.instance = new LocalZone();

let zone = FixedOffsetZone.utcInstance;

export function useZone(name) {
  zone = IANAZone.create(name);
  if (!zone.isValid) {
    throw new Error('unknown zone');
  }
  LocalZone.instance.inner = zone;
  Settings.defaultZone = LocalZone.instance;
  Settings.defaultLocale = 'en-US';
}

export function moment(iso) {
  return DateTime.fromISO(iso, { zone });
}

export function now() {
  return running.now;
}

export function asDay(dateTime) {
  return dateTime.setZone(DAY_ZONE, { keepLocalTime: true }).startOf('day');
}

export function today() {
  return asDay(running.now);
}

export function dayOf(year, month, day) {
  return DateTime.fromObject({ year, month, day }, { zone: DAY_ZONE });
}

export function timeOf(hour, minute, second, offset) {
  const offsetZone = Duration.isDuration(offset) ? FixedOffsetZone.instance(millisOf(offset) / 60000) : LocalZone.instance;
  return DateTime.fromObject({ year: 1900, month: 1, day: 1, hour, minute, second: Math.floor(second) }, { zone: offsetZone });
}

export function monthsBetween(from, to) {
  return Duration.fromObject({ months: Math.trunc(to.diff(from, 'months').months) });
}

export function join(day, time) {
  return time.set({ year: day.year, month: day.month, day: day.day });
}

// What a conversion could not read is a trouble, not null.
export function valid(converted) {
  return converted && converted.isValid && (!Duration.isDuration(converted) || kindOf(converted) !== 'mixed')
    ? converted
    : warn('INVALID_VALUE');
}

export function parseNumber(text) {
  return /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) ? Number(text) : warn('INVALID_VALUE');
}

export function literalNumber(text) {
  const number = Number(text);
  if (Number.isInteger(number) && !Number.isSafeInteger(number)) {
    return warn('NUMBER_TOO_LARGE');
  }
  return number;
}

// -- types ----------------------------------------------------------------------------------------------------------

export class Range {
  constructor(props) {
    Object.assign(this, props);
  }
}

export function typeOf(value) {
  switch (typeof value) {
    case 'boolean':
    case 'number':
    case 'string':
      return typeof value;
    case 'undefined':
      return 'nil';
    case 'function':
      return 'literal';
  }
  if (value === null) {
    return 'nil';
  }
  if (Array.isArray(value)) {
    return 'list';
  }
  if (Duration.isDuration(value)) {
    return 'duration';
  }
  if (DateTime.isDateTime(value)) {
    if (value.zone === DAY_ZONE) {
      return 'date';
    }
    return value.year === 1900 && value.month === 1 && value.day === 1 ? 'time' : 'date time';
  }
  if (value instanceof Range) {
    return 'range';
  }
  return Object.getPrototypeOf(value) === Object.prototype ? 'context' : 'literal';
}

const MONTH_UNITS = ['years', 'quarters', 'months'];

/** `months`, `days`, `zero` (fits both) or `mixed` (no FEEL duration). */
export function kindOf(duration) {
  const months = monthsOf(duration);
  const millis = millisOf(duration);
  return months ? (millis ? 'mixed' : 'months') : millis ? 'days' : 'zero';
}

export function monthsOf(duration) {
  return duration.years * 12 + duration.quarters * 3 + duration.months;
}

export function millisOf(duration) {
  const { weeks, days, hours, minutes, seconds, milliseconds } = duration;
  return ((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 + milliseconds;
}

export function durationText(duration) {
  const kind = kindOf(duration);
  if (kind === 'months' || (kind === 'zero' && MONTH_UNITS.some(unit => unit in duration.toObject()))) {
    return monthsText(Math.trunc(monthsOf(duration)));
  }
  return millisText(millisOf(duration));
}

function monthsText(months) {
  const all = Math.abs(months);
  const years = Math.trunc(all / 12);
  const rest = all % 12;
  return `${months < 0 ? '-' : ''}P${years ? `${years}Y` : ''}${rest || !years ? `${rest}M` : ''}`;
}

function millisText(millis) {
  const all = Math.abs(millis);
  const days = Math.trunc(all / 86400000);
  const hours = Math.trunc(all / 3600000) % 24;
  const minutes = Math.trunc(all / 60000) % 60;
  const seconds = (all % 60000) / 1000;
  const clock = `${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${seconds ? `${seconds}S` : ''}`;
  return `${millis < 0 ? '-' : ''}P${days ? `${days}D` : ''}${clock ? `T${clock}` : days ? '' : 'T0S'}`;
}

const PARTS = {
  date: ['year', 'month', 'day', 'weekday'],
  time: ['hour', 'minute', 'second', 'time offset', 'timezone'],
  'date time': ['year', 'month', 'day', 'weekday', 'hour', 'minute', 'second', 'time offset', 'timezone'],
};

/** A property of a date, time, duration or range; undefined where FEEL has none by that name. */
export function property(value, name) {
  const type = typeOf(value);
  if (type === 'range') {
    return ['start', 'end', 'start included', 'end included'].includes(name) ? value[name] : undefined;
  }
  if (type === 'duration') {
    return durationProperty(value, name);
  }
  if (!PARTS[type]?.includes(name)) {
    return undefined;
  }
  if (name === 'time offset') {
    return value.zone instanceof LocalZone ? null : Duration.fromObject({ minutes: value.offset });
  }
  if (name === 'timezone') {
    return value.zone instanceof IANAZone ? value.zoneName : null;
  }
  return value[name];
}

function durationProperty(value, name) {
  const kind = kindOf(value);
  if (kind !== 'days' && (name === 'years' || name === 'months')) {
    const months = monthsOf(value);
    return name === 'years' ? Math.trunc(months / 12) : months % 12;
  }
  if (kind !== 'months') {
    const millis = millisOf(value);
    switch (name) {
      case 'days':
        return Math.trunc(millis / 86400000);
      case 'hours':
        return Math.trunc(millis / 3600000) % 24;
      case 'minutes':
        return Math.trunc(millis / 60000) % 60;
      case 'seconds':
        return (millis % 60000) / 1000;
    }
  }
  return undefined;
}

export function hasProperties(value) {
  return DateTime.isDateTime(value) || Duration.isDuration(value) || value instanceof Range;
}

// -- instance of (DMN 1.5, 10.3.2.9.4) ------------------------------------------------------------------------------

export function instanceOf(value, text) {
  const type = text.replace(/\s+/g, ' ').replace(/\s*([<>,:])\s*/g, '$1').trim();
  const actual = typeOf(value);
  if (actual === 'nil') {
    return type === 'Null' || type === 'null';
  }
  if (type.startsWith('list<')) {
    return actual === 'list' && value.every(item => instanceOf(item, type.slice(5, -1)));
  }
  if (type.startsWith('context<')) {
    return actual === 'context' && contextFits(value, type.slice(8, -1));
  }
  if (type.startsWith('range<')) {
    const point = actual === 'range' ? value.start ?? value.end : null;
    return actual === 'range' && instanceOf(point, type.slice(6, -1));
  }
  if (type.startsWith('function')) {
    return actual === 'literal';
  }
  switch (type) {
    case 'Any':
      return true;
    case 'date and time':
      return actual === 'date time';
    case 'days and time duration':
      return actual === 'duration' && kindOf(value) !== 'months';
    case 'years and months duration':
      return actual === 'duration' && kindOf(value) !== 'days';
    default:
      return actual === type;
  }
}

function contextFits(value, members) {
  let depth = 0;
  const parts = [''];
  for (const ch of members) {
    depth += ch === '<' ? 1 : ch === '>' ? -1 : 0;
    if (ch === ',' && depth === 0) {
      parts.push('');
    } else {
      parts[parts.length - 1] += ch;
    }
  }
  return parts.every(part => {
    const colon = part.indexOf(':');
    const name = part.slice(0, colon).trim();
    return Object.hasOwn(value, name) && instanceOf(value[name], part.slice(colon + 1));
  });
}

// -- comparison -----------------------------------------------------------------------------------------------------

/** true, false, or null for unlike types. */
export function equals(a, b, strict = false) {
  if (a === undefined) {
    a = null;
  }
  if (b === undefined) {
    b = null;
  }
  if (a === null || b === null) {
    return a === b;
  }
  if (Array.isArray(a) && !Array.isArray(b) && a.length === 1) {
    a = a[0];
  }
  if (Array.isArray(b) && !Array.isArray(a) && b.length === 1) {
    b = b[0];
  }
  const type = typeOf(a);
  if (type !== typeOf(b)) {
    return a === null || b === null ? false : null;
  }
  switch (type) {
    case 'nil':
      return true;
    case 'date':
    case 'time':
    case 'date time':
      return a.valueOf() === b.valueOf() && (!strict || a.zone.equals(b.zone));
    case 'duration': {
      const order = compare(a, b);
      return order === null ? null : order === 0;
    }
    case 'list':
      return a.length === b.length && a.every((item, index) => equals(item, b[index], strict) === true);
    case 'context': {
      const names = Object.keys(a);
      return (
        names.length === Object.keys(b).length &&
        names.every(name => Object.hasOwn(b, name) && equals(a[name], b[name], strict) === true)
      );
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

/** Less than 0, 0, more than 0; null for unlike types and for types without an order. */
export function compare(a, b) {
  const type = typeOf(a);
  if (type !== typeOf(b)) {
    return null;
  }
  switch (type) {
    case 'number':
    case 'date':
    case 'time':
    case 'date time':
      return a.valueOf() - b.valueOf();
    case 'string':
      return a < b ? -1 : a > b ? 1 : 0;
    case 'duration': {
      const kinds = new Set([kindOf(a), kindOf(b)]);
      if (kinds.has('mixed') || (kinds.has('months') && kinds.has('days'))) {
        return null;
      }
      return kinds.has('months') ? monthsOf(a) - monthsOf(b) : millisOf(a) - millisOf(b);
    }
    default:
      return null;
  }
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
    return test.$args ? warn('NOT_COMPARABLE') : test(value);
  }
  if (test instanceof Range) {
    return test.includes(value);
  }
  if (Array.isArray(test) && !Array.isArray(value)) {
    return anyOf(test, item => passes(item, value));
  }
  return equalsOrWarn(test, value);
}

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
    const order = best === null ? sign : compare(item, best);
    if (order === null) {
      return warn('NOT_COMPARABLE');
    }
    if (order * sign > 0) {
      best = item;
    }
  }
  return best;
}

/** The items that a filter lets through, or the one that it counts to. `type` is what the filter is by its shape. */
export function filtered(items, filter, context, type) {
  if (type === 'number') {
    return itemAt(items, filter(context));
  }
  if (type !== 'test' && type !== 'boolean' && type !== 'any') {
    return warn('INVALID_TYPE');
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

// -- ranges ---------------------------------------------------------------------------------------------------------

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
    map: fn => points(start, end).map(fn),
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

function points(start, end) {
  const result = [];
  if (Number.isInteger(start) && Number.isInteger(end)) {
    const direction = start > end ? -1 : 1;
    for (let i = start; i !== end + direction; i += direction) {
      result.push(i);
    }
    return result;
  }
  if (typeOf(start) === 'date' && typeOf(end) === 'date') {
    const direction = start > end ? -1 : 1;
    for (let day = start; direction * (day - end) <= 0; day = day.plus({ days: direction })) {
      result.push(day);
    }
    return result;
  }
  return warn('NOT_ITERABLE') ?? [];
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

const RELATIONS = {
  before: (a, b) => endToStart(a, b) < 0,
  after: (a, b) => endToStart(b, a) < 0,
  meets: (a, b) => endToStart(a, b) === 0,
  'met by': (a, b) => endToStart(b, a) === 0,
  overlaps: (a, b) => endToStart(a, b) >= 0 && endToStart(b, a) >= 0,
  'overlaps before': (a, b) => starts(a, b) < 0 && ends(a, b) < 0 && endToStart(a, b) >= 0,
  'overlaps after': (a, b) => starts(a, b) > 0 && ends(a, b) > 0 && endToStart(b, a) >= 0,
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

// -- arithmetic -----------------------------------------------------------------------------------------------------

// FEEL numbers are decimals (10.3.2.3.1), V8's are doubles: rounding to 15 digits hides 0.1 + 0.2 = 0.30000000000000004.
export function tidy(number) {
  return Number.isInteger(number) || !Number.isFinite(number) ? number : Number(number.toPrecision(15));
}

const inMonths = months => Duration.fromObject({ months: Math.trunc(months) });
const inMillis = millis => Duration.fromObject({ milliseconds: millis });

export function arithmetic(op, a, b) {
  const types = `${typeOf(a)} ${op} ${typeOf(b)}`;
  switch (types) {
    case 'number + number':
      return tidy(a + b);
    case 'number - number':
      return tidy(a - b);
    case 'number * number':
      return tidy(a * b);
    case 'number / number':
      return b === 0 ? warn('DIVISION_BY_ZERO') : tidy(a / b);
    case 'number ** number':
    case 'number ^ number':
      return Math.pow(a, b);
    case 'string + string':
      return a + b;
    case 'duration + duration':
      return addDurations(a, b);
    case 'duration - duration':
      return addDurations(a, b.negate());
    case 'duration * number':
      return scale(a, b);
    case 'number * duration':
      return scale(b, a);
    case 'duration / number':
      return b === 0 ? warn('DIVISION_BY_ZERO') : scale(a, 1 / b);
    case 'duration / duration':
      return quotient(a, b);
    case 'date - date':
    case 'time - time':
    case 'date time - date time':
      return inMillis(a.valueOf() - b.valueOf());
    case 'date + duration':
    case 'time + duration':
    case 'date time + duration':
      return shift(a, b);
    case 'duration + date':
    case 'duration + time':
    case 'duration + date time':
      return shift(b, a);
    case 'date - duration':
    case 'time - duration':
    case 'date time - duration':
      return shift(a, b.negate());
    default:
      return warn('INVALID_TYPE');
  }
}

export function negated(value) {
  switch (typeOf(value)) {
    case 'number':
      return value === 0 ? 0 : -value;
    case 'duration':
      return value.negate();
    default:
      return warn('INVALID_TYPE');
  }
}

function addDurations(a, b) {
  return compare(a, b) === null ? warn('NOT_COMPARABLE') : a.plus(b);
}

function scale(duration, factor) {
  if (kindOf(duration) === 'months') {
    return inMonths(tidy(monthsOf(duration) * factor));
  }
  // Whole units stay what they were: P1D * 2 keeps the wall clock over a change to summer time, as P2D does.
  return Number.isInteger(factor) ? duration.mapUnits(unit => unit * factor) : inMillis(Math.round(millisOf(duration) * factor));
}

function quotient(a, b) {
  if (compare(a, b) === null) {
    return warn('NOT_COMPARABLE');
  }
  const [over, under] = kindOf(b) === 'months' ? [monthsOf(a), monthsOf(b)] : [millisOf(a), millisOf(b)];
  return under === 0 ? warn('DIVISION_BY_ZERO') : tidy(over / under);
}

function shift(point, duration) {
  const type = typeOf(point);
  if (kindOf(duration) === 'mixed' || (type === 'time' && kindOf(duration) === 'months')) {
    return warn('INVALID_TYPE');
  }
  if (type === 'time') {
    return point.plus(duration).set({ year: 1900, month: 1, day: 1 });
  }
  if (type === 'date' && millisOf(duration) % 86400000 !== 0) {
    return point.setZone(LocalZone.instance, { keepLocalTime: true }).plus(duration);
  }
  return point.plus(duration);
}
