// Boxed expressions (DMN 1.5, 10.2): literal, table, context, invocation, relation, list, function, conditional, filter
// and iterators.
import { fit, read } from './frames.js';
import { foreign, lambda } from './functions.js';
import { allOf, anyOf, condition, filtered } from './rules.js';
import { table } from './tables.js';
import { Func, placed, Range, typeOf, warn, withEntry } from './values.js';

const RUNS = {
  literal: (frame, logic) => read(frame, logic.text),
  table,
  context,
  invocation,
  relation: (frame, logic) => logic.rows.map(row => Object.fromEntries(logic.columns.map((name, at) => [name, value(frame, row[at])]))),
  list: (frame, logic) => logic.items.map(item => value(frame, item)),
  function: defined,
  conditional: (frame, logic) => value(frame, condition(value(frame, logic.condition)) ? logic.then : logic.otherwise),
  filter,
  for: iterated,
  every: (frame, logic) => over(frame, logic, items => allOf(items, item => value(frame.with({ [logic.variable]: item }), logic.result))),
  some: (frame, logic) => over(frame, logic, items => anyOf(items, item => value(frame.with({ [logic.variable]: item }), logic.result))),
};

/** The value of the expression in the frame, as the type declares that it has; null where there is no expression. */
export function value(frame, logic) {
  return logic === null ? null : fit(frame, RUNS[logic.is](frame, logic) ?? null, logic.type, frame.element.name);
}

// Each entry sees those before it; the result cell, where there is one, is the whole's value.
function context(frame, logic) {
  const made = {};
  let inner = frame;
  for (const entry of logic.entries) {
    const found = placed({ column: entry.name }, () => fit(inner, value(inner, entry.logic), entry.type, entry.name));
    withEntry(made, entry.name, found);
    inner = inner.with({ [entry.name]: found });
  }
  return logic.result === null ? made : value(inner, logic.result);
}

function invocation(frame, logic) {
  const called = value(frame, logic.called);
  if (!(called instanceof Func)) {
    return warn('NO_FUNCTION_FOUND', { name: logic.called?.text ?? '' });
  }
  const args = {};
  for (const binding of logic.bindings) {
    const found = placed({ column: binding.name }, () => fit(frame, value(frame, binding.logic), binding.type, binding.name));
    withEntry(args, binding.name, found);
  }
  return called.invoke(args);
}

/** The function that a boxed definition makes; its parameters hide names around it. */
export function defined(frame, logic) {
  if (logic.kind !== 'FEEL') {
    return foreign(logic.parameters);
  }
  const names = logic.parameters.map(parameter => parameter.name);
  return lambda(logic.parameters, (...args) => value(frame.with(Object.fromEntries(names.map((name, at) => [name, args[at] ?? null]))), logic.body));
}

function over(frame, logic, run) {
  const items = value(frame, logic.over);
  if (items === null) {
    return null;
  }
  return run(items instanceof Range ? items.map(item => item) : Array.isArray(items) ? items : [items]);
}

function iterated(frame, logic) {
  return over(frame, logic, items => {
    const partial = [];
    for (const item of items) {
      partial.push(value(frame.with({ [logic.variable]: item, partial: [...partial] }), logic.result));
    }
    return partial;
  });
}

function filter(frame, logic) {
  const items = value(frame, logic.over);
  if (items === null) {
    return null;
  }
  const match = around => {
    const names = { item: around.item, ...(typeOf(around.item) === 'context' ? around.item : {}) };
    return value(frame.with(names), logic.match);
  };
  return filtered(Array.isArray(items) ? items : [items], match, frame.context, 'any');
}
