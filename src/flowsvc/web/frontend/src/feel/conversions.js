// From text to values and back (DMN 1.5, 10.3.4.1): numbers, temporals, and string() of everything.
import { createRange } from './ranges.js';
import { dateText, dayOf, durationText, momentText, parseAny, parseDate, parseDuration, parseMoment, parseTime, timeText } from './temporals.js';
import { Clock, DAY, Day, Moment, SECOND, typeOf, warn } from './values.js';

/** What was read, or a trouble where a text is none. */
const read = parse => text => parse(text) ?? warn('INVALID_VALUE');

export const dateFrom = read(parseDate);
export const timeFrom = read(parseTime);
export const momentFrom = read(parseMoment);
export const durationFrom = read(parseDuration);
export const fromText = read(parseAny);

export const dateOf = (year, month, day) => dayOf(year, month, day) ?? warn('INVALID_VALUE');

export function timeOf(hour, minute, second, offset = null) {
  const isTime = Number.isInteger(hour) && hour >= 0 && hour < 24 && Number.isInteger(minute) && minute >= 0 && minute < 60 && second >= 0 && second < 60;
  const seconds = offset === null ? 0 : Number(offset.total / BigInt(SECOND));
  if (!isTime || Math.abs(seconds) > 18 * 3600) {
    return warn('INVALID_VALUE');
  }
  const nanos = (hour * 60 + minute) * 60 * SECOND + Math.round(second * SECOND);
  return nanos < DAY ? new Clock(nanos, offset === null ? null : { seconds }) : warn('INVALID_VALUE');
}

export const join = (day, time) => new Moment(day instanceof Moment ? day.date : day, time.nanos, time.zone);
export const clockOf = moment => (moment instanceof Day ? new Clock(0, { seconds: 0 }) : new Clock(moment.nanos, moment.zone));

const GROUPS = [' ', ',', '.'];
const POINTS = [',', '.'];

/** number(): `group` may stand between the digits and is left out, `point` begins the fraction. */
export function numberFrom(text, group = null, point = null) {
  if ((group !== null && !GROUPS.includes(group)) || (point !== null && !POINTS.includes(point)) || (group !== null && group === (point ?? '.'))) {
    return warn('INVALID_VALUE');
  }
  let plain = group === null ? text : text.replaceAll(group, '');
  if (point === ',') {
    if (plain.includes('.')) {
      return warn('INVALID_VALUE');
    }
    plain = plain.replace(',', '.');
  }
  return /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(plain) && Number.isFinite(Number(plain)) ? Number(plain) : warn('INVALID_VALUE');
}

/** A number that stands in an expression. */
export function literalNumber(text) {
  const number = Number(text.replace(/\s/g, ''));
  if (Number.isInteger(number) && !Number.isSafeInteger(number) && !/[eE]/.test(text)) {
    return warn('NUMBER_TOO_LARGE') ?? number;
  }
  return number;
}

// FEEL writes no exponents.
export function numberText(number) {
  const text = String(number);
  const found = /^(-?)(\d+)(?:\.(\d+))?e([-+]\d+)$/.exec(text);
  if (!found) {
    return text;
  }
  const [, sign, whole, fraction = '', exponent] = found;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  return sign + (point <= 0 ? `0.${'0'.repeat(-point)}${digits}` : digits.padEnd(point, '0'));
}

const quoted = text => `"${text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')}"`;
const nameText = name => (/^[\p{L}_][\p{L}\p{N}_ ]*$/u.test(name) ? name : quoted(name));

/** string(); what stands inside a list or context is written as FEEL would read it. */
export function textOf(value, isInside = false) {
  switch (typeOf(value)) {
    case 'nil':
      return 'null';
    case 'string':
      return isInside ? quoted(value) : value;
    case 'boolean':
      return String(value);
    case 'number':
      return numberText(value);
    case 'list':
      return `[${value.map(item => textOf(item, true)).join(', ')}]`;
    case 'context':
      return `{${Object.entries(value).map(([name, each]) => `${nameText(name)}: ${textOf(each, true)}`).join(', ')}}`;
    case 'date':
      return isInside ? `@"${dateText(value)}"` : dateText(value);
    case 'time':
      return isInside ? `@"${timeText(value)}"` : timeText(value);
    case 'date time':
      return isInside ? `@"${momentText(value)}"` : momentText(value);
    case 'duration':
      return isInside ? `@"${durationText(value)}"` : durationText(value);
    case 'range':
      return rangeText(value);
    default:
      return 'function';
  }
}

function rangeText(range) {
  const [start, end] = [range.start, range.end].map(point => (point === null ? '' : textOf(point, true)));
  return `${range['start included'] ? '[' : '('}${start}..${end}${range['end included'] ? ']' : ')'}`;
}

const RANGE = /^\s*([[\](])(.*?)\.\.(.*)([[\])])\s*$/s;
const POINT = /^(?:"((?:[^"\\]|\\.)*)"|(-?\d+(?:\.\d+)?|-?\.\d+)|@"([^"]*)"|(date and time|date|time|duration)\s*\(\s*"([^"]*)"\s*\))$/;
const CALLED = { date: parseDate, time: parseTime, 'date and time': parseMoment, duration: parseDuration };

/** range("[1..3]"): the points are literals. */
export function rangeFrom(text) {
  const found = RANGE.exec(text);
  if (!found) {
    return warn('INVALID_VALUE');
  }
  const [, opening, low, high, closing] = found;
  const [start, end] = [point(low), point(high)];
  const isOpen = (start === null && opening === '[') || (end === null && closing === ']');
  if (start === undefined || end === undefined || (start === null && end === null) || isOpen) {
    return warn('INVALID_VALUE');
  }
  if (start !== null && end !== null && createRange(start, end).includes(start) !== true) {
    return warn('INVALID_VALUE');
  }
  return createRange(start, end, opening === '[', closing === ']');
}

// null for no bound, undefined for what is no literal.
function point(text) {
  const trimmed = text.trim();
  if (trimmed === '') {
    return null;
  }
  const found = POINT.exec(trimmed);
  if (!found) {
    return undefined;
  }
  const [, string, number, literal, call, argument] = found;
  if (string !== undefined) {
    return string.replace(/\\(.)/g, '$1');
  }
  if (number !== undefined) {
    return Number(number);
  }
  return (literal === undefined ? CALLED[call](argument) : parseAny(literal)) ?? undefined;
}


const ESCAPED = { n: '\n', r: '\r', t: '\t' };

/** The text that a literal writes: \u0041 and \U01F40E are signs by number (10.3.1.2, rule 64). */
export function stringFrom(literal) {
  return literal.slice(1, -1).replace(/\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|([\s\S]))/g, (found, unit, point, sign) => {
    if (unit !== undefined) {
      return String.fromCharCode(parseInt(unit, 16));
    }
    if (point !== undefined) {
      return parseInt(point, 16) <= 0x10ffff ? String.fromCodePoint(parseInt(point, 16)) : found;
    }
    return ESCAPED[sign] ?? (/["'\\]/.test(sign) ? sign : found);
  });
}

const QUOTED = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\]|\\[\s\S])*"/g;
const RANGE_TYPE = /((?:\bof\s|[<,:])\s*)range(?=\s*<\s*\p{L})/gu;

/**
 * The text as the parser can read it, each sign in its place: it knows no range<…>, which has the shape of a list<…>, and
 * no string over several lines. What the text says is taken from the text itself.
 */
export function masked(text) {
  const flat = text.includes('\n') ? text.replace(QUOTED, found => (found.startsWith('"') ? found.replace(/[\r\n]/g, ' ') : found)) : text;
  return flat.includes('range') ? flat.replace(RANGE_TYPE, '$1list ') : flat;
}
