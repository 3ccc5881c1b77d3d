// Rules and columns of a decision table by buttons and keys: dmn-js has them in a menu under the right mouse button.
import { announce, button, element, language, say } from './page.js';

// The table editor that is open, with what it needs to change rules; null in any other view.
function tableOf(modeler) {
  if (modeler.getActiveView()?.type !== 'decisionTable') {
    return null;
  }
  const viewer = modeler.getActiveViewer();
  return {
    root: viewer.get('sheet').getRoot(),
    selection: viewer.get('selection'),
    modeling: viewer.get('modeling'),
    actions: viewer.get('editorActions'),
    viewer,
  };
}

// The words for the place of a cell, rule or column by its id, and how to go there; null where the id is not in a table.
export function placeOf(modeler, id) {
  for (const view of modeler.getViews()) {
    const found = view.type === 'decisionTable' ? inTable(view.element, id) : view.id === id ? { words: view.name } : null;
    if (found) {
      return { words: found.words, go: () => goTo(modeler, view, found.focus) };
    }
  }
  return null;
}

function inTable(decision, id) {
  const { input = [], output = [], rule = [], annotation = [] } = decision.decisionLogic;
  const clauses = [...input, ...output, ...annotation];
  const title = (n) => clauses[n]?.label || clauses[n]?.name || clauses[n]?.inputExpression?.text || `${n + 1}`;
  const column = (n) => say(`kolumn ”${title(n)}”`, `column “${title(n)}”`);
  for (const [n, each] of rule.entries()) {
    const cells = [...(each.inputEntry ?? []), ...(each.outputEntry ?? [])];
    const at = cells.findIndex((cell) => cell.id === id);
    if (at >= 0) {
      return { words: `${say('regel', 'rule')} ${n + 1}, ${column(at)}`, focus: id };
    }
    if (each.id === id) {
      return { words: `${say('regel', 'rule')} ${n + 1}`, focus: cells[0]?.id };
    }
  }
  for (const [n, each] of clauses.entries()) {
    if ([each.id, each.inputExpression?.id, each.inputValues?.id, each.outputValues?.id].includes(id)) {
      return { words: column(n), focus: each.id };
    }
  }
  return [decision.id, decision.decisionLogic.id].includes(id) ? { words: decision.name || decision.id } : null;
}

// The view is open with its cell in focus.
export async function goTo(modeler, view, id) {
  if (modeler.getActiveView()?.id !== view.id) {
    await modeler.open(view);
  }
  const container = document.getElementById('editor');
  const cell = id && container.querySelector(`[data-element-id="${CSS.escape(id)}"]`);
  if (!cell) {
    container.scrollIntoView({ block: 'start' });
    return;
  }
  cell.scrollIntoView({ block: 'center', inline: 'center' });
  const viewer = modeler.getActiveViewer();
  if (viewer.get('elementRegistry').get(id)) {
    // dmn-js draws the editor of a selected cell anew, and gives it the focus.
    viewer.get('selection').select(id);
  }
  const drawn = container.querySelector(`[data-element-id="${CSS.escape(id)}"]`);
  if (!drawn.contains(document.activeElement)) {
    (drawn.querySelector('[contenteditable], button, [tabindex]') ?? drawn).focus();
  }
}

// The rule of the chosen cell, and the chosen column.
function chosen(table) {
  const cell = table.selection.get();
  const rule = cell?.row ?? (cell?.cells && table.root.rows.includes(cell) ? cell : null);
  return { rule, at: rule ? table.root.rows.indexOf(rule) : -1, column: cell?.col ?? null, at2: cell ? table.root.cols.indexOf(cell.col) : -1 };
}

function focusCell(modeler, rule, column) {
  // The row is drawn, and its cells made, after this.
  setTimeout(() => goTo(modeler, modeler.getActiveView(), rule?.cells[Math.max(column, 0)]?.id));
}

const NEEDS_RULE = () => say('Ställ dig i en regel först.', 'Place yourself in a rule first.');

function add(modeler, below) {
  const table = tableOf(modeler);
  const { at, at2 } = chosen(table);
  const index = at < 0 ? table.root.rows.length : at + (below ? 1 : 0);
  const rule = table.modeling.addRow({ type: 'dmn:DecisionRule' }, index);
  announce(say(`Regel ${index + 1} är tillagd.`, `Rule ${index + 1} is added.`));
  focusCell(modeler, rule, at2);
}

function remove(modeler) {
  const table = tableOf(modeler);
  const { rule, at, at2 } = chosen(table);
  if (!rule) {
    announce(NEEDS_RULE());
    return;
  }
  table.modeling.removeRow(rule);
  announce(say(`Regel ${at + 1} är borttagen. Ångra med Ctrl+Z.`, `Rule ${at + 1} is removed. Undo with Ctrl+Z.`));
  focusCell(modeler, table.root.rows[Math.min(at, table.root.rows.length - 1)], at2);
}

function move(modeler, by) {
  const table = tableOf(modeler);
  const { rule, at, at2 } = chosen(table);
  if (!rule) {
    announce(NEEDS_RULE());
    return;
  }
  const to = at + by;
  if (to < 0 || to >= table.root.rows.length) {
    announce(say('Regeln står redan ytterst.', 'The rule already stands outermost.'));
    return;
  }
  table.modeling.moveRow(rule, to);
  announce(say(`Regeln är nu nummer ${to + 1}.`, `The rule is now number ${to + 1}.`));
  focusCell(modeler, rule, at2);
}

function removeColumn(modeler) {
  const table = tableOf(modeler);
  const { column } = chosen(table);
  const kind = column?.businessObject?.$type;
  const same = table.root.cols.filter((each) => each.businessObject?.$type === kind);
  if (!column || same.length < 2) {
    announce(
      column
        ? say('Tabellen måste ha minst en sådan kolumn.', 'The table must have at least one such column.')
        : say('Ställ dig i en kolumn först.', 'Place yourself in a column first.'),
    );
    return;
  }
  table.modeling.removeCol(column);
  announce(say('Kolumnen är borttagen. Ångra med Ctrl+Z.', 'The column is removed. Undo with Ctrl+Z.'));
}

// The buttons for the open table, in groups; they take part in no view but a table.
export function ruleButtons(modeler) {
  const act = (run) => () => tableOf(modeler) && run();
  const group = (label, ...buttons) => element('div', { className: 'tool-group', role: 'group', ariaLabel: label }, ...buttons);
  return [
    group(
      say('Regler', 'Rules'),
      button(say('Lägg till regel', 'Add rule'), act(() => add(modeler, true)), { id: 'rule-add' }),
      button(say('Flytta upp', 'Move up'), act(() => move(modeler, -1)), { ariaLabel: say('Flytta upp regel', 'Move up rule') }),
      button(say('Flytta ner', 'Move down'), act(() => move(modeler, 1)), { ariaLabel: say('Flytta ner regel', 'Move down rule') }),
      button(say('Ta bort regel', 'Remove rule'), act(() => remove(modeler))),
    ),
    group(
      say('Kolumner', 'Columns'),
      button(say('Ny indata', 'New input'), act(() => tableOf(modeler).actions.trigger('addInput')), { lang: language }),
      button(say('Ny utdata', 'New output'), act(() => tableOf(modeler).actions.trigger('addOutput'))),
      button(say('Ta bort kolumn', 'Remove column'), act(() => removeColumn(modeler))),
    ),
  ];
}
