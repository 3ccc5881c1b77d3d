// Functions: a built-in from one line that says what it takes, and a function that an expression defines.
import { fitted, typeNamed } from './types.js';
import { Days, Func, MISFIT, Months, Range, running, typeOf, warn } from './values.js';

const is = (...types) => value => (types.includes(typeOf(value)) ? value : MISFIT);
const TAKES = {
  any: value => value ?? null,
  number: is('number'),
  string: is('string'),
  boolean: is('boolean'),
  context: is('context'),
  date: is('date'),
  time: is('time'),
  moment: is('date time'),
  day: is('date', 'date time'),
  temporal: is('date', 'time', 'date time'),
  duration: is('duration'),
  function: is('function'),
  range: value => (value instanceof Range ? value : MISFIT),
  days: value => (value instanceof Days ? value : MISFIT),
  months: value => (value instanceof Months ? value : MISFIT),
  // An item is a list of one.
  list: value => (value === null || value === undefined ? MISFIT : Array.isArray(value) ? value : [value]),
};

/** A built-in's signature from a text such as "string: string, start: number, length: number?"; `?` may be left out,
 * `~` may be left out or null, `...` before the last name takes all the rest. */
export function takes(text, run) {
  const parts = text === '' ? [] : text.split(', ').map(part => /^(\.\.\.)?([^:]+): (\w+)([?~]?)$/.exec(part));
  const required = parts.filter(([, rest, , , mark]) => !rest && !mark).length;
  return {
    names: parts.map(([, , name]) => name),
    required,
    rest: parts.length > 0 && parts[parts.length - 1][1] !== undefined,
    run,
    convert: args => {
      const converted = Array.from({ length: Math.max(args.length, required) }, (_, at) => argument(parts[Math.min(at, parts.length - 1)], args[at]));
      return converted.includes(MISFIT) ? MISFIT : converted;
    },
  };
}

function argument([, , , type, mark], value) {
  if ((mark && value === undefined) || (mark === '~' && value === null)) {
    return undefined;
  }
  const taken = TAKES[type](value);
  return taken === MISFIT && Array.isArray(value) && value.length === 1 ? TAKES[type](value[0]) : taken;
}

export const builtin = (...signatures) => new Func(signatures);

/** A function with named parameters, whose types, where they are given, are held to. */
export function lambda(parameters, body) {
  const names = parameters.map(parameter => parameter.name);
  const types = parameters.map(parameter => (parameter.type ? typeNamed(parameter.type) ?? typeNamed('Any') : typeNamed('Any')));
  const scope = running.types;
  return new Func([
    {
      names,
      types,
      required: names.length,
      rest: false,
      convert: args => {
        const converted = args.map((arg, at) => fitted(arg, types[at]));
        return converted.includes(MISFIT) ? MISFIT : converted;
      },
      run: (...args) => {
        const outer = running.types;
        running.types = scope;
        try {
          return body(...args);
        } finally {
          running.types = outer;
        }
      },
    },
  ]);
}

/** A function that is written in another language: its result is not to be had. */
export function foreign(parameters) {
  return lambda(parameters, () => warn('NOT_SUPPORTED'));
}
