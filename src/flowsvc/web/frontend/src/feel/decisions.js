// Walks decisions on the graphs that engine/decisions made of the XML: all that a decision requires, from whatever file,
// in one crossing (DMN 1.5, 6.2 and 10.4).
import { attempt, encode, fault, oddNames, variables } from './evaluator.js';
import { defined, value } from './boxed.js';
import { fit, Frame, testOf, typeIn } from './frames.js';
import { builtin } from './functions.js';
import { fitted, typeNamed } from './types.js';
import { MISFIT, placed, running, typeOf, warn, withEntry } from './values.js';

const MAX_LOADED = 500;
const loaded = new Map();

/** Keeps a graph under its id; answers the names that it reads, or null when any may be read. */
export function loadDecision(id, graph, names) {
  const elements = Object.values(graph.elements);
  const finders = new Map();
  for (const element of elements) {
    element.types = typesOf(graph.types, element.scope, finders);
    element.requires = element.requires.map(({ under, ref }) => ({ under, element: graph.elements[ref] }));
    element.outputs = element.outputs.map(ref => graph.elements[ref]);
    element.parameters = element.parameters.map(ref => graph.elements[ref]);
  }
  const declared = elements.filter(element => element.kind === 'input').flatMap(namesOf);
  if (loaded.size >= MAX_LOADED) {
    loaded.delete(loaded.keys().next().value);
  }
  loaded.set(id, { id, root: graph.elements[graph.root], declared: new Set(declared), shapes: new Map() });
  return { names: namesRead(elements, declared, names) };
}

// -- types ----------------------------------------------------------------------------------------------------------

// Finds item definitions by name as one file has them; what a file imports stands under its prefix. A type that holds
// itself holds anything there.
function typesOf(scopes, scope, finders) {
  if (finders.has(scope)) {
    return finders.get(scope);
  }
  const made = new Map();
  const items = scopes[scope] ?? {};
  const find = name => {
    if (!made.has(name) && Object.hasOwn(items, name)) {
      const item = items[name];
      const [home, own] = item.alias;
      made.set(name, undefined);
      made.set(name, home ? typesOf(scopes, home, finders)(own) : itemType(item, each => typeNamed(each) ?? find(each)));
    }
    return made.get(name);
  };
  finders.set(scope, find);
  return find;
}

function itemType(item, named) {
  let type = typeNamed('Any');
  if (item.components.length > 0) {
    type = { kind: 'context', entries: Object.fromEntries(item.components.map(part => [part.name, itemType(part, named) ?? typeNamed('Any')])) };
  } else if (item.function) {
    type = { kind: 'function', returns: named(item.function) };
  } else if (item.type) {
    type = named(item.type);
  }
  if (type === undefined) {
    return undefined;
  }
  if (item.allowed) {
    type = restricted(type, item.allowed);
  }
  if (item.collection) {
    type = { kind: 'list', of: type };
  }
  return item.constraint ? restricted(type, item.constraint) : type;
}

function restricted(type, text) {
  const test = testOf(text);
  return { ...type, test: value => (type.test === undefined || type.test(value)) && test(value) };
}

const MAX_NAMES = 2000;

// What a type says of the names inside a value, for reading texts before there is one. Types may hold one another a
// thousandfold: of very many names those nearest.
function outline(type, room = { left: MAX_NAMES }) {
  if (type?.kind === 'list') {
    return outline(type.of, room);
  }
  if (type?.kind !== 'context') {
    return null;
  }
  const entries = Object.entries(type.entries);
  room.left -= entries.length;
  return room.left < 0 ? null : Object.fromEntries(entries.map(([name, each]) => [name, outline(each, room)]));
}

// -- names ----------------------------------------------------------------------------------------------------------

function namesOf(element) {
  const ids = element.kind === 'decision' ? [element.key] : [];
  return [...new Set([element.variable, element.name, ...ids].filter(name => name))];
}

// A superset does no harm: what is read is sent if it is there.
function namesRead(elements, declared, names) {
  const own = new Set(['?', 'cellInput', ...elements.filter(element => element.kind !== 'input').flatMap(namesOf)]);
  const known = [...names, ...elements.flatMap(namesOf), '?'];
  const found = new Set(declared);
  for (const element of elements) {
    for (const { under } of element.requires) {
      if (under.length) {
        // Inputs of imported models may be given under any of their names.
        return null;
      }
    }
    for (const [kind, text] of textsOf(element.logic)) {
      const read = variables(kind, text, known);
      if (read === null) {
        return null;
      }
      read.forEach(([name]) => found.add(name));
    }
    boundIn(element.logic).forEach(name => own.add(name));
  }
  return [...found].filter(name => !own.has(name) || declared.includes(name));
}

const isOpen = text => text === '' || text === '-';

// The texts of an expression and of those inside it, with the way in which each is read.
function* textsOf(logic) {
  if (logic === null || typeof logic !== 'object') {
    return;
  }
  if (logic.is === 'literal') {
    yield ['expression', logic.text];
  } else if (logic.is === 'table') {
    yield* cellsOf(logic);
  } else {
    for (const part of Object.values(logic)) {
      yield* textsOf(part);
    }
  }
}

function* cellsOf({ inputs, outputs, rules }) {
  const expressions = [...inputs.map(input => input.expression), ...outputs.map(output => output.default), ...rules.flatMap(rule => rule.outputs)];
  yield* expressions.filter(text => !isOpen(text)).map(text => ['expression', text]);
  const tests = [...inputs.map(input => input.allowed), ...rules.flatMap(rule => rule.cells)];
  yield* tests.filter(text => !isOpen(text)).map(text => ['unary', text]);
}

// The names that an expression itself gives: entries, parameters, iterators.
function boundIn(logic) {
  if (logic === null || typeof logic !== 'object') {
    return [];
  }
  if (Array.isArray(logic)) {
    return logic.flatMap(boundIn);
  }
  const own = [...(logic.entries ?? []), ...(logic.parameters ?? [])].map(each => each.name);
  const inputs = logic.is === 'table' ? logic.inputs.map(input => input.variable) : Object.values(logic).flatMap(boundIn);
  return [...own, ...(logic.variable ? [logic.variable] : []), ...inputs];
}

// -- the walk -------------------------------------------------------------------------------------------------------

/** {v: {value, matched}, w: warnings}, {e} for a trouble, or {miss: true} when the graph has to be loaded first. */
export function decide(id, given, odd, { plain = false }) {
  const graph = loaded.get(id);
  if (graph === undefined) {
    return { miss: true };
  }
  const matched = [];
  const answer = attempt(() => {
    const free = Object.fromEntries(Object.entries(given).filter(([name]) => !graph.declared.has(name)));
    const walk = { graph, given, free, odd, plain, matched, done: new Map(), fixed: new Map() };
    return { value: encode(asked(walk, graph.root)), matched };
  });
  return { ...answer, w: running.warnings.map(fault) };
}

// What is asked by name: a decision, or a function with its arguments by name.
function asked(walk, element) {
  if (element.kind === 'decision') {
    return valueOf(walk, element, []);
  }
  const names = parameterNames(element);
  const args = names.map(name => (Object.hasOwn(walk.given, name) ? walk.given[name] : null));
  if (element.kind === 'service') {
    return service(walk, element, [], element.parameters.map((each, at) => held(walk, each, args[at])));
  }
  return valueOf(walk, element, []).invoke(args);
}

const parameterNames = element => (element.kind === 'service' ? element.parameters.map(each => namesOf(each)[0]) : element.logic.parameters.map(each => each.name));

function valueOf(walk, element, path) {
  const place = `${path.join('\n')}\n${element.ref}`;
  if (walk.fixed.has(element.ref)) {
    return walk.fixed.get(element.ref);
  }
  if (!walk.done.has(place)) {
    walk.done.set(place, placed({ decision: element.key }, () => scoped(element, () => KINDS[element.kind](walk, element, path))));
  }
  return walk.done.get(place);
}

const KINDS = { decision: answered, input: given, knowledge, service: (walk, element, path) => serviceFunction(walk, element, path) };

// Names of types in texts are those of the file that the text stands in.
function scoped(element, run) {
  const outer = running.types;
  running.types = element.types;
  try {
    return run();
  } finally {
    running.types = outer;
  }
}

// A decision sees what it requires, and what nobody declares. One that is drawn without any arrow sees all that was given,
// as in Camunda 7, where input data are only a drawing.
function answered(walk, element, path) {
  const isDrawn = element.requires.some(each => each.element.kind === 'input' || each.element.kind === 'decision');
  const frame = frameOf(walk, element, path, isDrawn ? walk.free : walk.given);
  return fit(frame, value(frame, element.logic), element.type, element.name);
}

function knowledge(walk, element, path) {
  const names = namesOf(element);
  // A function knows itself.
  const frame = frameOf(walk, element, path, {}).with(Object.fromEntries(names.map(name => [name, null])));
  const made = defined(frame, element.logic);
  names.forEach(name => withEntry(frame.context, name, made));
  const type = element.type ? typeIn(element, element.type) : undefined;
  const returns = type?.kind === 'function' ? type.returns : type;
  if (!returns || returns.kind === 'any') {
    return made;
  }
  const [signature] = made.signatures;
  const { run } = signature;
  signature.run = (...args) => {
    const result = run(...args);
    const fit = fitted(result, returns);
    return fit === MISFIT ? warn('NOT_DECLARED_TYPE', { name: element.name }) : fit;
  };
  return made;
}

function frameOf(walk, element, path, around) {
  if (element.requires.length === 0) {
    return new Frame({ walk, element, context: { ...around }, odd: walk.odd, shape: null });
  }
  const context = { ...around };
  for (const { under, element: required } of element.requires) {
    const found = valueOf(walk, required, [...path, ...under]);
    if (found !== undefined) {
      const target = under.reduce((at, name) => (Object.hasOwn(at, name) && at !== context ? at[name] : inside(at, name, walk)), context);
      namesOf(required).forEach(name => withEntry(target, name, found));
    }
  }
  const shape = shapeOf(walk.graph, element);
  return new Frame({ walk, element, context, odd: `${walk.graph.id}${element.ref}\n${oddNames(context)}`, shape });
}

// The context of an imported model, made once for each frame: what was given under its name is not it.
function inside(context, name, walk) {
  if (!Object.hasOwn(context, name) || context[name] === walk.given[name]) {
    withEntry(context, name, {});
  }
  return context[name];
}

function shapeOf(graph, element) {
  if (!graph.shapes.has(element.ref)) {
    const shape = {};
    for (const { under, element: required } of element.requires) {
      const target = under.reduce((at, name) => (at[name] ??= {}), shape);
      const inner = required.type ? outline(typeIn(required, required.type)) : null;
      namesOf(required).forEach(name => withEntry(target, name, inner));
    }
    graph.shapes.set(element.ref, shape);
  }
  return graph.shapes.get(element.ref);
}

// -- input data -----------------------------------------------------------------------------------------------------

// An input that was not given is null in DMN; in a process a name that does not exist is a fault, where it is read.
function given(walk, element, path) {
  const found = namesOf(element).map(name => lookedUp(walk.given, path, name)).find(each => each !== undefined);
  if (found === undefined) {
    return running.strict ? undefined : null;
  }
  return held(walk, element, found);
}

// Inputs of imported models are given inside a context for each import, under their full name, or plainly.
function lookedUp(given, path, name) {
  const full = [...path, name].join('.');
  if (Object.hasOwn(given, full)) {
    return given[full];
  }
  const inner = [...path, name].reduce((at, part) => (typeOf(at) === 'context' && Object.hasOwn(at, part) ? at[part] : undefined), given);
  return inner === undefined && Object.hasOwn(given, name) ? given[name] : inner;
}

function held(walk, element, found) {
  const type = element.type ? typeIn(element, element.type) : undefined;
  const result = type === undefined ? found : fitted(found, type, walk.plain ? element.name : '');
  return result === MISFIT ? warn('NOT_DECLARED_TYPE', { name: element.name }) : result;
}

// -- decision services ----------------------------------------------------------------------------------------------

function serviceFunction(walk, element, path) {
  const names = parameterNames(element);
  return builtin({
    names,
    required: names.length,
    rest: false,
    convert: args => args,
    run: (...args) => service(walk, element, path, element.parameters.map((each, at) => held(walk, each, args[at]))),
  });
}

function service(walk, element, path, args) {
  const fixed = new Map(element.parameters.map((each, at) => [each.ref, args[at] ?? null]));
  const inner = { ...walk, given: {}, free: {}, done: new Map(), fixed };
  const values = element.outputs.map(each => valueOf(inner, each, path));
  const result = values.length === 1 ? values[0] : Object.fromEntries(element.outputs.map((each, at) => [namesOf(each)[0], values[at]]));
  const type = element.type ? typeIn(element, element.type) : undefined;
  const returns = type?.kind === 'function' ? type.returns : type;
  const fit = returns ? fitted(result, returns) : result;
  return fit === MISFIT ? warn('NOT_DECLARED_TYPE', { name: element.name }) : fit;
}

