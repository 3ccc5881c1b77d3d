// What FEEL values are made of where JSON has nothing (DMN 1.5, 10.3.2.3): temporals, ranges, functions; and the state of
// the one evaluation that runs. Dates reach any year, times a nanosecond: neither JavaScript's Date nor luxon does.

/** Why an evaluation stopped; `type` is a fixed word, `name` comes from the expression's text, never from a value. */
export class Trouble extends Error {
  constructor(type, { name = '', position = null } = {}) {
    super(type);
    this.type = type;
    this.troubleName = name;
    this.position = position;
  }
}

const MAX_WARNINGS = 100;

/**
 * State of the one evaluation that runs: V8 runs one at a time. Strict: what is ill-typed stops it, as processes want.
 * Otherwise it is null and a warning, as DMN has it. `types` finds the item definition behind a name.
 */
export const running = { strict: true, now: null, position: null, places: [], warnings: [], types: null };

/** A trouble where the mode is strict, else null and a warning kept. */
export function warn(type, details = {}) {
  const trouble = new Trouble(type, { position: running.position, ...details });
  if (running.strict) {
    throw trouble;
  }
  if (running.warnings.length < MAX_WARNINGS) {
    trouble.place = Object.assign({}, ...running.places);
    running.warnings.push(trouble);
  }
  return null;
}

/** Runs with a place that troubles and warnings inside it take along, the innermost last. */
export function placed(place, run) {
  running.places.push(place);
  try {
    return run();
  } catch (error) {
    error.place = { ...place, ...error.place };
    throw error;
  } finally {
    running.places.pop();
  }
}

/** A day without a time. */
export class Day {
  constructor(year, month, day) {
    this.year = year;
    this.month = month;
    this.day = day;
  }
}

/** A time of day in nanoseconds; `zone` is null (local), {seconds} or {name}. */
export class Clock {
  constructor(nanos, zone = null) {
    this.nanos = nanos;
    this.zone = zone;
  }
}

/** A date and time: the day and the time of the wall clock in `zone`. */
export class Moment {
  constructor(day, nanos, zone = null) {
    this.date = day;
    this.nanos = nanos;
    this.zone = zone;
  }
}

/** A duration of years and months. */
export class Months {
  constructor(months) {
    this.months = months;
  }
}

/** A duration of days and time. Days are kept apart: P1D keeps the wall clock over summer time, PT24H does not. */
export class Days {
  constructor(days, exact = 0n) {
    this.days = days;
    this.exact = exact;
  }
  get total() {
    return BigInt(this.days) * DAY_NANOS + this.exact;
  }
}

export const SECOND = 1_000_000_000;
export const DAY = 86_400 * SECOND;
export const DAY_NANOS = BigInt(DAY);

export class Range {
  constructor(props) {
    Object.assign(this, props);
  }
}

/** What an argument of the wrong kind is converted to. */
export const MISFIT = Symbol('misfit');

/**
 * A function. Each signature has `names`, how many are `required`, whether the last one takes all the `rest`, `convert`
 * (arguments to arguments, or MISFIT) and `run`.
 */
export class Func {
  constructor(signatures) {
    this.signatures = signatures;
  }

  get parameterNames() {
    return this.signatures[0].names;
  }

  invoke(given) {
    const fitting = this.signatures.map(signature => [signature, arranged(signature, given)]).filter(([, args]) => args !== null);
    if (fitting.length === 0) {
      return warn('FUNCTION_INVOCATION_FAILURE');
    }
    for (const [signature, args] of fitting) {
      const converted = signature.convert(args);
      if (converted !== MISFIT) {
        return signature.run(...converted) ?? null;
      }
    }
    return fitting[0][1].includes(null) ? null : warn('INVALID_ARGUMENT');
  }
}

// The arguments in the order of the signature, or null where their number or names do not fit.
function arranged({ names, required, rest }, given) {
  if (Array.isArray(given)) {
    return given.length >= Math.max(required, rest ? 1 : 0) && (rest || given.length <= names.length) ? given : null;
  }
  const keys = Object.keys(given);
  if (keys.some(key => !names.includes(key)) || names.slice(0, required).some(name => !keys.includes(name))) {
    return null;
  }
  const last = names[names.length - 1];
  const plain = rest ? names.slice(0, -1) : names;
  const args = plain.map(name => given[name]);
  while (args.length && args[args.length - 1] === undefined) {
    args.pop();
  }
  return rest && keys.includes(last) ? [...args, ...(Array.isArray(given[last]) ? given[last] : [given[last]])] : args;
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
      return 'test';
  }
  if (value === null) {
    return 'nil';
  }
  if (Array.isArray(value)) {
    return 'list';
  }
  switch (value.constructor) {
    case Object:
      return 'context';
    case Day:
      return 'date';
    case Clock:
      return 'time';
    case Moment:
      return 'date time';
    case Months:
    case Days:
      return 'duration';
    case Range:
      return 'range';
    case Func:
      return 'function';
    default:
      return Object.getPrototypeOf(value) === Object.prototype ? 'context' : 'literal';
  }
}

/** A table to look names up in that come from a text: it has no names but its own. */
export const lookup = entries => Object.assign(Object.create(null), entries);

/** A context with the entry, however it is named: `__proto__` is only a name. */
export function withEntry(context, name, value) {
  return Object.defineProperty(context, name, { value, enumerable: true, configurable: true, writable: true });
}
