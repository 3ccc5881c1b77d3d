// Decision tables (DMN 1.5, 8.2.8 to 8.2.11): which rules match, and what their outputs are together.
import { fit, read, test } from './frames.js';
import { allOf, compare, equals, extreme, tidy } from './rules.js';
import { placed, running, warn } from './values.js';

/** The answer of a table; the rules that gave it are noted in the frame. */
export function table(frame, logic) {
  const columns = logic.inputs.map((input, index) => column(frame, input, index));
  const rows = matching(logic, columns);
  if (rows === null) {
    return null;
  }
  if (rows.length === 0) {
    return unmatched(frame, logic);
  }
  return hits(frame, logic, rows.map(row => ({ ...row, values: outputs(frame, logic, row) })));
}

function matching(logic, columns) {
  const rows = [];
  // One place for all cells, which moves along.
  const place = { where: 'cell' };
  return placed(place, () => {
    for (const [index, rule] of logic.rules.entries()) {
      place.rule = rule.id;
      if (rule.cells.every((cell, at) => cellPasses(place, cell, logic.inputs[at].label, columns[at]))) {
        rows.push({ index: index + 1, rule });
        if (logic.hitPolicy === 'FIRST') {
          break;
        }
        if (logic.hitPolicy === 'UNIQUE' && rows.length > 1) {
          place.rule = '';
          place.column = '';
          return warn('MULTIPLE_MATCHES', { name: rows.map(row => row.index).join(', ') });
        }
      }
    }
    return rows;
  });
}

function isOpen(cell) {
  return cell === '' || cell === '-';
}

function column(frame, input, index) {
  return placed({ column: input.label, where: 'input', index }, () => {
    let value = fit(frame, asked(frame, input.expression), input.type, input.expression, frame.walk.plain);
    const names = { '?': value, cellInput: value };
    if (input.variable) {
      names[input.variable] = value;
    }
    const around = frame.with(names);
    if (input.allowed && value !== null && test(around, input.allowed, value) !== true) {
      value = warn('NOT_ALLOWED', { name: input.label });
    }
    return { value, around };
  });
}

// A table that asks for what nobody has declared or given cannot answer, in DMN either: null would only hide it.
function asked(frame, text) {
  const before = running.warnings.length;
  const value = read(frame, text);
  const unknown = running.warnings.slice(before).find(each => each.type === 'NO_VARIABLE_FOUND');
  if (unknown) {
    throw unknown;
  }
  return value;
}

function cellPasses(place, cell, label, { value, around }) {
  if (isOpen(cell)) {
    return true;
  }
  place.column = label;
  running.position = null;
  return test(around, cell, value) === true;
}

function outputs(frame, logic, { rule }) {
  return logic.outputs.map((output, at) =>
    placed({ rule: rule.id, column: output.label, where: 'output' }, () => {
      const text = rule.outputs[at];
      return fit(frame, text && text !== '-' ? read(frame, text) : null, output.type, output.label);
    }),
  );
}

function unmatched(frame, logic) {
  if (logic.outputs.some(output => output.default)) {
    const values = logic.outputs.map(output => (output.default ? fit(frame, read(frame, output.default), output.type, output.label) : null));
    return together(logic, values);
  }
  if (logic.hitPolicy === 'COLLECT') {
    return logic.aggregation === 'COUNT' ? 0 : logic.aggregation ? null : [];
  }
  return logic.hitPolicy === 'RULE ORDER' || logic.hitPolicy === 'OUTPUT ORDER' ? [] : null;
}

function together(logic, values) {
  return values.length === 1 ? values[0] : Object.fromEntries(logic.outputs.map((output, at) => [output.name, values[at]]));
}

function hits(frame, logic, results) {
  const answer = row => together(logic, row.values);
  const note = rows => rows.forEach(row => frame.note(row));
  switch (logic.hitPolicy) {
    case 'UNIQUE':
    case 'FIRST':
      note(results);
      return answer(results[0]);
    case 'ANY':
      note(results);
      if (!results.every(row => equals(row.values, results[0].values) === true)) {
        return warn('UNEQUAL_OUTPUTS', { name: results.map(row => row.index).join(', ') });
      }
      return answer(results[0]);
    case 'PRIORITY': {
      const [best] = byPriority(frame, logic, results);
      note([best]);
      return answer(best);
    }
    case 'OUTPUT ORDER': {
      const ordered = byPriority(frame, logic, results);
      note(ordered);
      return ordered.map(answer);
    }
    case 'COLLECT':
      note(results);
      return aggregate(logic.aggregation, results.map(answer));
    default:
      note(results);
      return results.map(answer);
  }
}

// The allowed values of an output stand in order of priority, highest first; a value that is not there comes last.
function byPriority(frame, logic, results) {
  const orders = logic.outputs.map(output => (output.allowed ? read(frame, `[${output.allowed}]`) : []) ?? []);
  const rank = (value, order) => {
    const at = order.findIndex(each => equals(each, value) === true);
    return at < 0 ? order.length : at;
  };
  return [...results].sort((a, b) => {
    for (const [at, order] of orders.entries()) {
      const difference = rank(a.values[at], order) - rank(b.values[at], order);
      if (difference !== 0) {
        return difference;
      }
    }
    return 0;
  });
}

function aggregate(aggregation, values) {
  switch (aggregation) {
    case 'COUNT':
      return values.length;
    case 'SUM':
      return values.every(value => typeof value === 'number') ? values.reduce((total, value) => tidy(total + value), 0) : warn('INVALID_TYPE');
    case 'MIN':
    case 'MAX':
      if (allOf(values, value => compare(value, values[0]) !== null) !== true) {
        return warn('NOT_COMPARABLE');
      }
      return extreme(values, aggregation === 'MIN' ? -1 : 1);
    default:
      return values;
  }
}
