// Walks decisions (DMN 1.5, 8.2.8 to 8.2.11) on trees that engine/decisions.py made of the XML: all of a decision, its
// required ones included, in one crossing.
import { attempt, compile, encode, variables } from './evaluator.js';
import { allOf, compare, equals, extreme, running, tidy, Trouble, typeOf } from './strict.js';

const MAX_LOADED = 500;
const loaded = new Map();

/** Keeps a decision under its id; answers the names that it and all it requires read, or null when any may be read. */
export function loadDecision(id, { root, decisions }, names) {
  for (const tree of Object.values(decisions)) {
    tree.requires = tree.requires.map(key => decisions[key]);
  }
  if (loaded.size >= MAX_LOADED) {
    loaded.delete(loaded.keys().next().value);
  }
  loaded.set(id, decisions[root]);
  const found = new Set();
  const isReadable = Object.values(decisions).every(tree => collect(tree, names, found));
  return { names: isReadable ? [...found] : null };
}

// False when a text can only be parsed with the values at hand.
function collect(tree, names, found) {
  const results = tree.requires.flatMap(namesOf);
  const own = new Set(['?', 'cellInput', ...tree.inputs.map(input => input.variable), ...results]);
  const known = [...names, ...results, '?'];
  for (const [kind, text] of texts(tree)) {
    const read = variables(kind, text, known);
    if (read === null) {
      return false;
    }
    read.filter(([name]) => !own.has(name)).forEach(([name]) => found.add(name));
  }
  return true;
}

function* texts(tree) {
  if (tree.expression) {
    yield ['expression', tree.expression];
  }
  for (const input of tree.inputs) {
    yield ['expression', input.expression];
    if (input.allowed) {
      yield ['unary', input.allowed];
    }
  }
  for (const output of tree.outputs) {
    if (output.default) {
      yield ['expression', output.default];
    }
  }
  for (const rule of tree.rules) {
    for (const cell of rule.cells) {
      if (!isOpen(cell)) {
        yield ['unary', cell];
      }
    }
    for (const text of rule.outputs) {
      if (text) {
        yield ['expression', text];
      }
    }
  }
}

function namesOf(tree) {
  return [...new Set([tree.variable, tree.name, tree.key].filter(name => name))];
}

function isOpen(cell) {
  return cell === '' || cell === '-';
}

/** {v: {value, matched}}, {e} for a trouble, or {miss: true} when the tree has to be loaded first. */
export function decide(id, context, odd) {
  const tree = loaded.get(id);
  if (tree === undefined) {
    return { miss: true };
  }
  const matched = [];
  return attempt(() => {
    const value = walk(tree, context, odd, matched, new Map());
    return { value: encode(value), matched };
  });
}

function walk(tree, given, oddGiven, matched, done) {
  if (done.has(tree.key)) {
    return done.get(tree.key);
  }
  let context = given;
  let odd = oddGiven;
  if (tree.requires.length > 0) {
    context = { ...given };
    const bound = [];
    for (const required of tree.requires) {
      const value = walk(required, given, oddGiven, matched, done);
      for (const name of namesOf(required)) {
        context[name] = value;
        bound.push(name);
      }
    }
    // Results change how later texts are read just as variables do.
    odd = `${oddGiven}\n${shape(bound, context)}`;
  }
  const value = placed({ decision: tree.key }, () => (tree.hitPolicy ? table(tree, context, odd, matched) : literal(tree, context, odd)));
  done.set(tree.key, value);
  return value;
}

function shape(names, context) {
  return names.map(name => `${name}:${typeOf(context[name]) === 'context' ? Object.keys(context[name]).join(',') : ''}`).join('\n');
}

function literal(tree, context, odd) {
  return fitting(compile('expression', tree.expression, context, odd)(context), tree.type, tree.name);
}

function table(tree, context, odd, matched) {
  const columns = tree.inputs.map((input, index) => column(tree, input, index, context, odd));
  const rows = [];
  for (const [index, rule] of tree.rules.entries()) {
    if (rule.cells.every((cell, at) => cellPasses(tree, rule, cell, columns[at], at))) {
      rows.push({ index: index + 1, rule });
      if (tree.hitPolicy === 'FIRST') {
        break;
      }
      if (tree.hitPolicy === 'UNIQUE' && rows.length > 1) {
        throw new Trouble('MULTIPLE_MATCHES', { name: rows.map(row => row.index).join(', ') });
      }
    }
  }
  if (rows.length === 0) {
    return unmatched(tree, context, odd);
  }
  const results = rows.map(row => ({ ...row, values: outputs(tree, row, context, odd) }));
  return hits(tree, results, matched, context, odd);
}

function column(tree, input, index, context, odd) {
  return placed({ column: input.label, where: 'input', index }, () => {
    const value = fitting(compile('expression', input.expression, context, odd)(context), input.type, input.label) ?? null;
    const around = { ...context, '?': value, cellInput: value };
    if (input.variable) {
      around[input.variable] = value;
    }
    const oddHere = `${odd}\n.?${shape(['?'], around)}`;
    if (input.allowed && value !== null && compile('unary', input.allowed, around, oddHere)(around)(value) !== true) {
      throw new Trouble('NOT_ALLOWED', { name: input.label });
    }
    return { value, around, odd: oddHere };
  });
}

function cellPasses(tree, rule, cell, { value, around, odd }, at) {
  if (isOpen(cell)) {
    return true;
  }
  return placed({ rule: rule.id, column: tree.inputs[at].label, where: 'cell' }, () => {
    running.position = null;
    return compile('unary', cell, around, odd)(around)(value) === true;
  });
}

function outputs(tree, { rule }, context, odd) {
  return tree.outputs.map((output, at) =>
    placed({ rule: rule.id, column: output.label, where: 'output' }, () => {
      const text = rule.outputs[at];
      const value = text ? (compile('expression', text, context, odd)(context) ?? null) : null;
      return fitting(value, output.type, output.label);
    }),
  );
}

function unmatched(tree, context, odd) {
  if (tree.outputs.some(output => output.default)) {
    return together(
      tree,
      tree.outputs.map(output => (output.default ? compile('expression', output.default, context, odd)(context) : null)),
    );
  }
  if (tree.hitPolicy === 'COLLECT') {
    return tree.aggregation === 'COUNT' ? 0 : tree.aggregation ? null : [];
  }
  return tree.hitPolicy === 'RULE ORDER' || tree.hitPolicy === 'OUTPUT ORDER' ? [] : null;
}

function together(tree, values) {
  return values.length === 1 ? values[0] : Object.fromEntries(tree.outputs.map((output, at) => [output.name, values[at]]));
}

function hits(tree, results, matched, context, odd) {
  const note = rows => rows.forEach(row => matched.push({ decision: tree.key, rule: row.rule.id, index: row.index }));
  switch (tree.hitPolicy) {
    case 'UNIQUE':
    case 'FIRST':
      note(results);
      return together(tree, results[0].values);
    case 'ANY':
      note(results);
      if (!results.every(row => equals(row.values, results[0].values) === true)) {
        throw new Trouble('UNEQUAL_OUTPUTS', { name: results.map(row => row.index).join(', ') });
      }
      return together(tree, results[0].values);
    case 'PRIORITY': {
      const best = byPriority(tree, results, context, odd)[0];
      note([best]);
      return together(tree, best.values);
    }
    case 'OUTPUT ORDER': {
      const ordered = byPriority(tree, results, context, odd);
      note(ordered);
      return ordered.map(row => together(tree, row.values));
    }
    case 'COLLECT':
      note(results);
      return aggregate(tree.aggregation, results.map(row => together(tree, row.values)));
    default:
      note(results);
      return results.map(row => together(tree, row.values));
  }
}

// The allowed values of an output stand in order of priority, highest first; a value that is not there comes last.
function byPriority(tree, results, context, odd) {
  const orders = tree.outputs.map(output => (output.allowed ? compile('expression', `[${output.allowed}]`, context, odd)(context) : []));
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
      if (values.some(value => typeof value !== 'number')) {
        throw new Trouble('INVALID_TYPE');
      }
      return values.reduce((total, value) => tidy(total + value), 0);
    case 'MIN':
    case 'MAX':
      if (allOf(values, value => compare(value, values[0]) !== null) !== true) {
        throw new Trouble('NOT_COMPARABLE');
      }
      return extreme(values, aggregation === 'MIN' ? -1 : 1);
    default:
      return values;
  }
}

const FITS = {
  any: () => true,
  // Camunda 7 has one type for both, called date.
  date: type => type === 'date' || type === 'date time',
  list: () => true,
};

/** The value, if it is of the declared type or null; text is never made into a number in silence. */
function fitting(value, declared, label) {
  const type = typeOf(value);
  const fits = FITS[declared] ?? (actual => actual === declared);
  if (type !== 'nil' && !fits(type)) {
    throw new Trouble('NOT_DECLARED_TYPE', { name: label });
  }
  return value;
}

// A trouble takes the innermost place that it was thrown in.
function placed(place, run) {
  try {
    return run();
  } catch (error) {
    error.place = { ...place, ...error.place };
    throw error;
  }
}
