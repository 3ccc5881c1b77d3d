// What is wrong: as marks on the elements, and as a list in words whose entries choose the element.
import { button, make } from './dom.js';
import { say } from './language.js';
import { kindOf, nameOf } from './reading.js';

/** Shows problems in `list` and on the diagram; returns them by element. */
export function problemList(list, heading, modeler, choose) {
  let marked = [];

  function place(elementId) {
    const registry = modeler.get('elementRegistry');
    const found = registry.get(elementId);
    if (found) {
      return found;
    }
    // A thing that is not drawn, such as a process in a pool: its pool, or the whole page.
    return registry.find((each) => each.businessObject?.processRef?.id === elementId) ?? undefined;
  }

  function draw(problems, fileName) {
    const overlays = modeler.get('overlays');
    const canvas = modeler.get('canvas');
    overlays.remove({ type: 'problem' });
    for (const [element, name] of marked) {
      if (modeler.get('elementRegistry').get(element.id)) canvas.removeMarker(element, name);
    }
    marked = [];
    const own = problems.filter((each) => !each.fileName || each.fileName === fileName);
    const elsewhere = problems.filter((each) => each.fileName && each.fileName !== fileName);
    const byElement = new Map();
    for (const each of own) {
      const element = each.elementId && place(each.elementId);
      if (element) {
        byElement.set(element.id, [...(byElement.get(element.id) ?? []), each]);
      }
    }
    for (const [id, found] of byElement) {
      const element = modeler.get('elementRegistry').get(id);
      const refused = found.some((each) => each.severity === 'refused');
      const name = refused ? 'is-refused' : 'is-warned';
      canvas.addMarker(element, name);
      marked.push([element, name]);
      if (element.parent) {
        const at = element.waypoints ? { top: -12, left: -12 } : { top: -12, right: 12 };
        overlays.add(element, 'problem', { position: at, html: make('span', { className: `problem-count ${name}`, 'aria-hidden': 'true' }, `${found.length}`) });
      }
    }
    const refused = own.filter((each) => each.severity === 'refused').length;
    heading.textContent = own.length === 0 ? say('Inga problem', 'No problems')
      : `${own.length} ${own.length === 1 ? say('problem', 'problem') : say('problem', 'problems')}${refused ? say(`, ${refused} hindrar publicering`, `, ${refused} prevent release`) : ''}`;
    heading.dataset.state = refused ? 'refused' : own.length ? 'warned' : 'fine';
    const order = [...own].sort((a, b) => (b.severity === 'refused') - (a.severity === 'refused'));
    list.replaceChildren(...order.map((each) => item(each, each.elementId && place(each.elementId))), ...(elsewhere.length ? [make('li', { className: 'small' }, say(`${elsewhere.length} problem i andra filer i utkastet`, `${elsewhere.length} problems in other files of the draft`))] : []));
    return byElement;
  }

  function item(problem, element) {
    const where = element ? `${kindOf(element)}: ${nameOf(element)}` : '';
    const words = make('span', { className: 'problem-what' }, make('strong', {}, problem.severity === 'refused' ? say('Hindrar publicering. ', 'Prevents release. ') : say('Varning. ', 'Warning. ')), problem.what);
    return make('li', { className: problem.severity === 'refused' ? 'is-refused' : 'is-warned' },
      element ? button(where, () => choose(element), { variant: 'plain' }) : undefined, words, problem.cure && make('span', { className: 'problem-cure' }, problem.cure));
  }

  return { draw };
}
