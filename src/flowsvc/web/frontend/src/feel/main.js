// The entry of feel.js: `ask` takes and answers one JSON text, for the child process of engine/feel.py.
import { attempt, check, decode, evaluate, oddNames, unaryTest, variables } from './evaluator.js';
import { decide, loadDecision } from './decisions.js';
import { moment, running, useZone } from './strict.js';

const OPERATIONS = {
  zone: request => useZone(request.zone),
  evaluate: request => inContext(request, (context, odd) => request.texts.map(text => attempt(() => evaluate(text, context, odd, request.want)))),
  unary: request => inContext(request, (context, odd) => attempt(() => unaryTest(request.text, context, odd))),
  check: request => check(request.kind, request.text, request.names),
  variables: request => variables(request.kind, request.text, request.names),
  load: request => loadDecision(request.id, request.tree, request.names),
  decide: request => inContext(request, (context, odd) => decide(request.id, context, odd)),
};

function inContext(request, run) {
  running.now = moment(request.now);
  running.strict = !request.lenient;
  const context = decode(request.context);
  return run(context, oddNames(context));
}

globalThis.ask = text => {
  const request = JSON.parse(text);
  return JSON.stringify(OPERATIONS[request.op](request) ?? null);
};
