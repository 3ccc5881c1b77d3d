// The entry of feel.js: `ask` takes and answers one JSON text, for the child process of engine/feel.py.
import { decide, loadDecision } from './decisions.js';
import { attempt, check, decodeAll, evaluate, momentFrom, oddNames, unaryTest, variables } from './evaluator.js';
import { useZone } from './temporals.js';
import { running } from './values.js';

const OPERATIONS = {
  zone: request => useZone(request.zone),
  evaluate: request => inContext(request, (context, odd) => request.texts.map(text => attempt(() => evaluate(text, context, odd, request.want)))),
  unary: request => inContext(request, (context, odd) => attempt(() => unaryTest(request.text, context, odd))),
  check: request => check(request.kind, request.text, request.names),
  variables: request => variables(request.kind, request.text, request.names),
  load: request => loadDecision(request.id, request.tree, request.names),
  decide: request => inContext(request, (context, odd) => decide(request.id, context, odd, request)),
};

function inContext(request, run) {
  running.now = momentFrom(request.now);
  running.strict = !request.lenient;
  const decoded = attempt(() => decodeAll(request.context));
  return decoded.e ? whole(request, decoded) : run(decoded.v, oddNames(decoded.v));
}

// What was sent could not be read: that is the answer to every question in it.
const whole = (request, answer) => (request.op === 'evaluate' ? request.texts.map(() => answer) : answer);

globalThis.ask = text => {
  const request = JSON.parse(text);
  running.strict = !request.lenient;
  return JSON.stringify(OPERATIONS[request.op](request) ?? null);
};
