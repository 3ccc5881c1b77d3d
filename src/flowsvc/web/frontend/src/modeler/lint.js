// What is plainly missing while one draws: rules of ours, run by bpmnlint on the diagram as it stands. What needs to know
// the rest of the world is the server's to say.
import Linter from 'bpmnlint/lib/linter';
import { is, isAny } from 'bpmn-js/lib/util/ModelUtil';
import { say } from './language.js';

const ruleOf = (check) => () => ({ check });

const RULES = {
  'task-has-form': ruleOf((node, reporter) => {
    if (is(node, 'bpmn:UserTask')) {
      const drawn = node.extensionElements?.values?.some((each) => each.$type === 'camunda:FormData');
      if (!node.get('camunda:formKey') && !node.get('camunda:formRef') && !drawn) {
        reporter.report(node.id, say('Uppgiften har ingen blankett.', 'The task has no form.'));
      }
    }
  }),
  'has-name': ruleOf((node, reporter) => {
    const isNamed = (node.name ?? '').trim();
    const needs = is(node, 'bpmn:Activity') && !node.triggeredByEvent;
    const splits = isAny(node, ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway']) && (node.outgoing ?? []).length > 1;
    if ((needs || splits) && !isNamed) {
      reporter.report(node.id, say('Det saknar namn.', 'It has no name.'));
    }
  }),
  'way-has-condition': ruleOf((node, reporter) => {
    if (isAny(node, ['bpmn:ExclusiveGateway', 'bpmn:InclusiveGateway']) && (node.outgoing ?? []).length > 1) {
      for (const flow of node.outgoing) {
        if (!flow.conditionExpression && node.default !== flow) {
          reporter.report(flow.id, say('Vägen har inget villkor och är inte vägen för övriga fall.', 'The way has no condition and is not the default way.'));
        }
      }
    }
  }),
  'script-has-text': ruleOf((node, reporter) => {
    if (is(node, 'bpmn:ScriptTask') && !(node.script ?? '').trim()) {
      reporter.report(node.id, say('Uträkningen är tom.', 'The calculation is empty.'));
    }
  }),
  'has-type': ruleOf((node, reporter) => {
    if (node.$type === 'bpmn:Task') {
      reporter.report(node.id, say('Uppgiften har ingen typ och passeras direkt.', 'The task has no type and is passed straight through.'));
    }
  }),
};

const CURES = {
  'task-has-form': () => say('Välj en blankett under Blankett.', 'Choose a form under Form.'),
  'has-name': () => say('Skriv ett namn överst bland egenskaperna.', 'Write a name first among the properties.'),
  'way-has-condition': () => say('Skriv ett villkor, eller kryssa i att vägen tas när inget annat stämmer.', 'Write a condition, or tick that it is the way when no other holds.'),
  'script-has-text': () => say('Skriv uträkningen i FEEL.', 'Write the calculation in FEEL.'),
  'has-type': () => say('Byt till användaruppgift, eller ta bort den.', 'Change it to a user task, or remove it.'),
};

/** The rules about what the server lets pass in silence. */
export const OURS_ALONE = new Set(['lint.task-has-form', 'lint.has-name']);

const linter = new Linter({
  config: { rules: Object.fromEntries(Object.keys(RULES).map((name) => [name, 'warn'])) },
  resolver: { resolveRule: (_, name) => RULES[name], resolveConfig: () => ({}) },
});

/** What the rules say of the diagram, in the form of the server's problems. */
export async function lint(definitions) {
  const found = await linter.lint(definitions);
  return Object.entries(found).flatMap(([name, reports]) =>
    reports.map((each) => ({ severity: 'warned', code: `lint.${name}`, elementId: each.id, what: each.message, cure: CURES[name]?.() ?? '' })),
  );
}
