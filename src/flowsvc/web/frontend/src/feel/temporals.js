// Dates, times and durations: read from text, written as text, moved along the calendar (DMN 1.5, 10.3.2.3.4 to .8).
import { IANAZone } from 'luxon';
import { Clock, DAY, DAY_NANOS, Day, Days, lookup, Moment, Months, Range, running, SECOND } from './values.js';

const MAX_YEAR = 999_999_999;
const MAX_OFFSET = 18 * 3600;
// The last milliseconds that JavaScript's Date knows, and so its time zones.
const LAST_MILLIS = 8.64e15;

let home = null;

/** The zone of the organisation, in which times are that name none. */
export function useZone(name) {
  home = { name: zoneNamed(name) };
  if (home.name === null) {
    throw new Error('unknown zone');
  }
}

export const homeZone = () => home;

const zones = new Map();

function ianaZone(name) {
  let zone = zones.get(name);
  if (zone === undefined) {
    zone = IANAZone.create(name);
    zones.set(name, zone);
  }
  return zone;
}

function zoneNamed(name) {
  return ianaZone(name).isValid ? name : null;
}

// -- the calendar ---------------------------------------------------------------------------------------------------

/** Days since 1970-01-01 in the Gregorian calendar, also before it and in years below 0. */
export function dayNumber({ year, month, day }) {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719468;
}

export function dayAt(number) {
  const shifted = number + 719468;
  const era = Math.floor(shifted / 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = Math.floor((dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  return new Day(yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1);
}

function lastDay(year, month) {
  return month === 2 ? (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** The day, or null where the calendar has none. */
export function dayOf(year, month, day) {
  const isDay = [year, month, day].every(Number.isInteger) && Math.abs(year) <= MAX_YEAR && month >= 1 && month <= 12 && day >= 1 && day <= lastDay(year, month);
  return isDay ? new Day(year, month, day) : null;
}

/** 1 for Monday to 7 for Sunday. */
export const weekday = day => ((((dayNumber(day) + 3) % 7) + 7) % 7) + 1;

// -- zones ----------------------------------------------------------------------------------------------------------

// A time without a zone is the organisation's where something must be compared with it.
const effective = zone => zone ?? home;

/** Seconds east of Greenwich of a wall clock. */
export function offsetOf({ date, nanos, zone }) {
  const there = effective(zone);
  if (there.name === undefined) {
    return there.seconds;
  }
  const iana = ianaZone(there.name);
  const local = dayNumber(date) * 86_400_000 + Math.floor(nanos / 1e6);
  const at = millis => iana.offset(Math.max(-LAST_MILLIS, Math.min(LAST_MILLIS, millis))) * 60;
  const first = at(local);
  const second = at(local - first * 1000);
  if (first === second) {
    return first;
  }
  const third = at(local - second * 1000);
  return second === third ? second : Math.min(second, third);
}

/** [day, nanoseconds] in UTC. */
export function instant(moment) {
  return carried(dayNumber(moment.date), moment.nanos - offsetOf(moment) * SECOND);
}

function carried(day, nanos) {
  const days = Math.floor(nanos / DAY);
  return [day + days, nanos - days * DAY];
}

/** The wall clock of an instant in a zone. */
export function momentAt([day, nanos], zone) {
  const there = effective(zone);
  let seconds = there.seconds;
  if (seconds === undefined) {
    const millis = day * 86_400_000 + Math.floor(nanos / 1e6);
    seconds = ianaZone(there.name).offset(Math.max(-LAST_MILLIS, Math.min(LAST_MILLIS, millis))) * 60;
  }
  const [localDay, localNanos] = carried(day, nanos + seconds * SECOND);
  return new Moment(dayAt(localDay), localNanos, zone);
}

/** A time of day as nanoseconds in UTC; a zone by name is asked for today. */
export function clockValue(clock) {
  const date = running.now?.date ?? new Day(1970, 1, 1);
  return clock.nanos - offsetOf({ date, nanos: clock.nanos, zone: clock.zone }) * SECOND;
}

// -- from text ------------------------------------------------------------------------------------------------------

const DATE = /^(-?)(\d{4}|[1-9]\d{4,8})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:([zZ])|([-+])(\d\d):(\d\d)(?::(\d\d))?|@(.+))?$/;
const DURATION = /^(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d+))?S)?)?$/;

/** Each of these answers null for a text that is none. */
export function parseDate(text) {
  const found = DATE.exec(text);
  return found && dayOf(Number(found[1] + found[2]), Number(found[3]), Number(found[4]));
}

export function parseTime(text) {
  const found = TIME.exec(text);
  if (!found) {
    return null;
  }
  const [, hour, minute, second, fraction, utc, sign, hours, minutes, seconds, name] = found;
  if (hour > 23 || minute > 59 || second > 59 || minutes > 59 || seconds > 59) {
    return null;
  }
  const nanos = ((hour * 60 + Number(minute)) * 60 + Number(second)) * SECOND + Number((fraction ?? '').slice(0, 9).padEnd(9, '0'));
  let zone = null;
  if (utc) {
    zone = { seconds: 0 };
  } else if (sign) {
    const size = (hours * 60 + Number(minutes)) * 60 + Number(seconds ?? 0);
    zone = { seconds: sign === '-' && size ? -size : size };
    if (size > MAX_OFFSET) {
      return null;
    }
  } else if (name) {
    zone = { name: zoneNamed(name) };
    if (zone.name === null) {
      return null;
    }
  }
  return new Clock(nanos, zone);
}

export function parseMoment(text) {
  const at = text.indexOf('T');
  if (at < 0) {
    const date = parseDate(text);
    return date && new Moment(date, 0, null);
  }
  const date = parseDate(text.slice(0, at));
  const time = date && parseTime(text.slice(at + 1));
  return time && new Moment(date, time.nanos, time.zone);
}

export function parseDuration(text) {
  const found = DURATION.exec(text);
  if (!found || /[PT]$/.test(text)) {
    return null;
  }
  const [, sign, years, months, weeks, days, hours, minutes, seconds, fraction] = found;
  const isMonths = years !== undefined || months !== undefined;
  const isDays = [weeks, days, hours, minutes, seconds].some(part => part !== undefined);
  if (isMonths && isDays) {
    return null;
  }
  if (isMonths) {
    const total = Number(years ?? 0) * 12 + Number(months ?? 0);
    return Number.isSafeInteger(total) ? new Months(sign && total ? -total : total) : null;
  }
  const whole = Number(weeks ?? 0) * 7 + Number(days ?? 0);
  if (!Number.isSafeInteger(whole)) {
    return null;
  }
  const exact =
    ((BigInt(hours ?? 0) * 60n + BigInt(minutes ?? 0)) * 60n + BigInt(seconds ?? 0)) * BigInt(SECOND) + BigInt((fraction ?? '').slice(0, 9).padEnd(9, '0'));
  return sign ? new Days(whole ? -whole : 0, -exact) : new Days(whole, exact);
}

/** What an at-literal holds. */
export function parseAny(text) {
  if (/^-?P/.test(text)) {
    return parseDuration(text);
  }
  return /^\d\d:/.test(text) ? parseTime(text) : text.includes('T') ? parseMoment(text) : parseDate(text);
}

// -- as text --------------------------------------------------------------------------------------------------------

const two = number => String(number).padStart(2, '0');

function fractionText(nanos) {
  const fraction = nanos % SECOND;
  return fraction ? `.${String(fraction).padStart(9, '0').replace(/0+$/, '')}` : '';
}

export const hourOf = nanos => Math.floor(nanos / (3600 * SECOND));
export const minuteOf = nanos => Math.floor(nanos / (60 * SECOND)) % 60;
export const secondOf = nanos => Math.floor(nanos / SECOND) % 60;

export function dateText({ year, month, day }) {
  return `${year < 0 ? '-' : ''}${String(Math.abs(year)).padStart(4, '0')}-${two(month)}-${two(day)}`;
}

export function offsetText(seconds) {
  if (seconds === 0) {
    return 'Z';
  }
  const size = Math.abs(seconds);
  const rest = size % 60 ? `:${two(size % 60)}` : '';
  return `${seconds < 0 ? '-' : '+'}${two(Math.floor(size / 3600))}:${two(Math.floor(size / 60) % 60)}${rest}`;
}

function zoneText(zone) {
  return zone === null ? '' : zone.name === undefined ? offsetText(zone.seconds) : `@${zone.name}`;
}

export const wallText = nanos => `${two(hourOf(nanos))}:${two(minuteOf(nanos))}:${two(secondOf(nanos))}${fractionText(nanos)}`;
export const timeText = clock => wallText(clock.nanos) + zoneText(clock.zone);
export const momentText = moment => `${dateText(moment.date)}T${wallText(moment.nanos)}${zoneText(moment.zone)}`;

export function durationText(duration) {
  return duration instanceof Months ? monthsText(duration.months) : daysText(duration.total);
}

function monthsText(months) {
  const all = Math.abs(months);
  const years = Math.trunc(all / 12);
  const rest = all % 12;
  return `${months < 0 ? '-' : ''}P${years ? `${years}Y` : ''}${rest || !years ? `${rest}M` : ''}`;
}

function daysText(total) {
  const all = total < 0n ? -total : total;
  const days = all / DAY_NANOS;
  const nanos = Number(all % DAY_NANOS);
  const [hours, minutes, seconds] = [hourOf(nanos), minuteOf(nanos), `${secondOf(nanos)}${fractionText(nanos)}`];
  const clock = `${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${seconds === '0' ? '' : `${seconds}S`}`;
  return `${total < 0n ? '-' : ''}P${days ? `${days}D` : ''}${clock ? `T${clock}` : days ? '' : 'T0S'}`;
}

// -- along the calendar ---------------------------------------------------------------------------------------------

export function addMonths(date, months) {
  const all = date.year * 12 + date.month - 1 + months;
  const year = Math.floor(all / 12);
  const month = all - year * 12 + 1;
  return dayOf(year, month, Math.min(date.day, lastDay(year, month)));
}

export const addDays = (date, days) => within(dayAt(dayNumber(date) + days));

function within(date) {
  return Math.abs(date.year) <= MAX_YEAR ? date : null;
}

/** The point moved by the duration, or null past the end of the calendar. */
export function shift(point, duration, sign) {
  if (duration instanceof Months) {
    const date = addMonths(point instanceof Day ? point : point.date, sign * duration.months);
    return date === null || point instanceof Day ? date : new Moment(date, point.nanos, point.zone);
  }
  const exact = BigInt(sign) * duration.exact;
  if (point instanceof Clock) {
    const total = (BigInt(point.nanos) + exact) % DAY_NANOS;
    return new Clock(Number(total < 0n ? total + DAY_NANOS : total), point.zone);
  }
  if (point instanceof Day) {
    const total = BigInt(sign) * duration.total;
    const days = total / DAY_NANOS - (total % DAY_NANOS < 0n ? 1n : 0n);
    return addDays(point, Number(days));
  }
  const date = addDays(point.date, sign * duration.days);
  return date && advanced(new Moment(date, point.nanos, point.zone), exact);
}

// Exact time passes on the clock of the world, not on the wall's; where no zone is known, in DMN, there is only the wall.
function advanced(moment, exact) {
  if (exact === 0n) {
    return moment;
  }
  const isWall = moment.zone === null && !running.strict;
  const [day, nanos] = isWall ? [dayNumber(moment.date), moment.nanos] : instant(moment);
  const total = BigInt(nanos) + exact;
  const days = total / DAY_NANOS - (total % DAY_NANOS < 0n ? 1n : 0n);
  const at = [day + Number(days), Number(total - days * DAY_NANOS)];
  const moved = isWall ? new Moment(dayAt(at[0]), at[1], null) : momentAt(at, moment.zone);
  return within(moved.date) && moved;
}

/** The exact time from `b` to `a`. */
export function between(a, b) {
  return new Days(0, BigInt(a[0] - b[0]) * DAY_NANOS + BigInt(a[1] - b[1]));
}

/** Whole months from one point to another, towards zero. */
export function monthsBetween(from, to) {
  const [a, b] = [from, to].map(each => (each instanceof Day ? new Moment(each, 0, null) : each));
  const sign = dayNumber(a.date) + a.nanos / DAY <= dayNumber(b.date) + b.nanos / DAY ? 1 : -1;
  const [early, late] = sign > 0 ? [a, b] : [b, a];
  let months = (late.date.year - early.date.year) * 12 + late.date.month - early.date.month;
  if (late.date.day < early.date.day || (late.date.day === early.date.day && late.nanos < early.nanos)) {
    months -= 1;
  }
  return new Months(months ? sign * months : 0);
}

// -- properties (10.3.2.13, table 65) -------------------------------------------------------------------------------

const OF_DATE = lookup({
  year: date => date.year,
  month: date => date.month,
  day: date => date.day,
  weekday,
});
const OF_CLOCK = lookup({
  hour: ({ nanos }) => hourOf(nanos),
  minute: ({ nanos }) => minuteOf(nanos),
  second: ({ nanos }) => secondOf(nanos),
  'time offset': point => zoneOffset(point),
  timezone: ({ zone }) => zone?.name ?? null,
});
const OF_MONTHS = lookup({
  years: ({ months }) => Math.trunc(months / 12) || 0,
  months: ({ months }) => months % 12 || 0,
});
const OF_DAYS = lookup({
  days: ({ total }) => Number(total / DAY_NANOS),
  hours: ({ total }) => Number((total / BigInt(3600 * SECOND)) % 24n),
  minutes: ({ total }) => Number((total / BigInt(60 * SECOND)) % 60n),
  seconds: ({ total }) => Number(total % BigInt(60 * SECOND)) / SECOND,
});
const OF_RANGE = ['start', 'end', 'start included', 'end included'];

function zoneOffset(point) {
  if (point.zone === null) {
    return null;
  }
  const date = point.date ?? running.now?.date ?? new Day(1970, 1, 1);
  return new Days(0, BigInt(offsetOf({ date, nanos: point.nanos, zone: point.zone })) * BigInt(SECOND));
}

const WITH_PROPERTIES = new Set([Day, Clock, Moment, Months, Days, Range]);

export const hasProperties = value => WITH_PROPERTIES.has(value.constructor);

/** A property of a date, time, duration or range; undefined where FEEL has none by that name. */
export function property(value, name) {
  switch (value.constructor) {
    case Day:
      return OF_DATE[name]?.(value);
    case Clock:
      return OF_CLOCK[name]?.(value);
    case Moment:
      return OF_DATE[name]?.(value.date) ?? OF_CLOCK[name]?.(value);
    case Months:
      return OF_MONTHS[name]?.(value);
    case Days:
      return OF_DAYS[name]?.(value);
    default:
      return OF_RANGE.includes(name) ? value[name] : undefined;
  }
}
