// What can be done to the chosen element, as buttons above its properties, and where the focus goes afterwards.
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { Acts, kinds } from './acting.js';
import { button, make } from './dom.js';
import { say } from './language.js';
import { kindOf, nameOf } from './reading.js';

const STEP = 10;
const ARROWS = { ArrowUp: [0, -STEP], ArrowDown: [0, STEP], ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0] };

/** The buttons in `container`; `tell` says aloud what was done; `choose` selects an element and its properties;
 * `unfold` shows the diagram, on which menus hang. */
export function toolbar(container, modeler, { choose, tell, unfold }) {
  const acts = new Acts(modeler);

  function asked(label, options, words, done) {
    const id = `ask-${Math.abs([...label].reduce((sum, sign) => sum * 31 + sign.charCodeAt(0), 7) % 9999)}`;
    const select = make('select', { id }, options.map(([value, text]) => make('option', { value }, text)));
    const opener = button(label, () => open(form.hidden));
    opener.setAttribute('aria-expanded', 'false');
    const open = (yes) => {
      container.querySelectorAll('form.ask').forEach((each) => { each.hidden = true; });
      container.querySelectorAll('[aria-expanded]').forEach((each) => each.setAttribute('aria-expanded', 'false'));
      form.hidden = !yes;
      opener.setAttribute('aria-expanded', `${yes}`);
      (yes ? select : opener).focus();
    };
    const form = make('form', { className: 'ask', hidden: true, onsubmit: (event) => { event.preventDefault(); open(false); done(select.value); } },
      make('label', { htmlFor: id }, words), select, make('div', { className: 'ask-buttons' }, make('button', { type: 'submit', className: 'ds-button', data: { size: 'sm' } }, label.replace(/ …$/, '')), button(say('Avbryt', 'Cancel'), () => open(false), { variant: 'tertiary' })));
    form.addEventListener('keydown', (event) => event.key === 'Escape' && open(false));
    return [opener, form];
  }

  function draw() {
    const [first, ...more] = modeler.get('selection').get();
    const element = first?.labelTarget ?? first;
    if (!element || more.length) {
      container.replaceChildren(more.length ? aligning() : '');
      return;
    }
    const buttons = [];
    const forms = [];
    const add = ([opener, form]) => { buttons.push(opener); forms.push(form); };
    if (acts.mayAddAfter(element)) {
      const all = kinds();
      const words = is(element, 'bpmn:SequenceFlow') ? say('Lägg till här …', 'Add here …') : say('Lägg till efter …', 'Add after …');
      add(asked(words, all.map(([value, text]) => [value, text]), say('Vad ska komma?', 'What is to come?'), (kind) => {
        const [, text, made] = all.find(([value]) => value === kind);
        const added = acts.addAfter(element, made);
        choose(added, { field: 'f-name' });
        tell(say(`${text} är tillagd.`, `${text} added.`));
      }));
    }
    const targets = acts.targets(element);
    if (targets.length) {
      add(asked(say('Anslut till …', 'Connect to …'), targets.map((each) => [each.id, `${nameOf(each)} (${kindOf(each)})`]), say('Vart ska flödet gå?', 'Where is the flow to go?'), (id) => {
        const target = targets.find((each) => each.id === id);
        choose(acts.connect(element, target));
        tell(say(`Ansluten till ${nameOf(target)}.`, `Connected to ${nameOf(target)}.`));
      }));
    }
    if (acts.mayHaveLimit(element)) {
      add(asked(say('Lägg till tidsgräns …', 'Add a time limit …'), [['stop', say('Avbryt uppgiften när tiden är ute', 'Interrupt the task when the time is up')], ['go', say('Påminn, och låt uppgiften stå kvar', 'Remind, and let the task remain')]], say('Vad händer när tiden är ute?', 'What happens when the time is up?'), (kind) => {
        choose(acts.addLimit(element, { interrupts: kind === 'stop' }), { field: 'f-timer' });
        tell(say('Tidsgränsen är tillagd. Ange tiden.', 'The time limit is added. Give the time.'));
      }));
    }
    if (is(element, 'bpmn:FlowNode')) {
      const changer = button(say('Byt typ …', 'Change type …'), () => {
        unfold();
        const { left, bottom } = changer.getBoundingClientRect();
        const place = { x: Math.max(4, Math.min(left, innerWidth - 310)), y: bottom + 4 };
        // The element that stands there afterwards is another one, and its buttons are too.
        modeler.get('eventBus').once('popupMenu.close', () => setTimeout(() => document.getElementById('properties-heading').focus()));
        modeler.get('popupMenu').open(element, 'bpmn-replace', { ...place, cursor: place }, { title: modeler.get('translate')('Change element'), search: true, width: 300 });
      });
      buttons.push(changer);
    }
    if (!element.waypoints && element.parent && acts.mayRemove(element)) {
      const mover = button(say('Flytta', 'Move'), () => {
        const on = mover.getAttribute('aria-pressed') !== 'true';
        mover.setAttribute('aria-pressed', `${on}`);
        tell(on ? say('Flytta med piltangenterna. Esc när det är klart.', 'Move with the arrow keys. Esc when done.') : say('Klart.', 'Done.'));
      });
      mover.setAttribute('aria-pressed', 'false');
      mover.addEventListener('keydown', (event) => {
        const delta = ARROWS[event.key];
        if (delta && mover.getAttribute('aria-pressed') === 'true') {
          event.preventDefault();
          acts.move(element, { x: delta[0], y: delta[1] });
        } else if (event.key === 'Escape') {
          mover.setAttribute('aria-pressed', 'false');
        }
      });
      buttons.push(mover);
    }
    if (acts.mayRemove(element)) {
      buttons.push(button(say('Ta bort', 'Remove'), () => {
        const words = nameOf(element);
        choose(acts.remove(element));
        tell(say(`${words} är borttagen. Ångra tar tillbaka.`, `${words} is removed. Undo brings it back.`));
      }));
    }
    container.replaceChildren(make('div', { className: 'acts-row', role: 'group', 'aria-label': say('Gör med det valda', 'Do with what is chosen') }, buttons), ...forms);
  }

  function aligning() {
    const ways = [['left', say('Rikta in vänster', 'Align left')], ['middle', say('Rikta in i höjdled', 'Align middle')], ['top', say('Rikta in överkant', 'Align top')]];
    return make('div', { className: 'acts-row', role: 'group', 'aria-label': say('Gör med de valda', 'Do with what is chosen') },
      ways.map(([way, words]) => button(words, () => modeler.get('alignElements').trigger(modeler.get('selection').get(), way))),
      button(say('Fördela i sidled', 'Distribute across'), () => modeler.get('distributeElements').trigger(modeler.get('selection').get(), 'horizontal')));
  }

  modeler.on('selection.changed', draw);
  let waits = 0;
  modeler.on('elements.changed', () => {
    // A move by its button must not take the button away under the fingers.
    if (!container.contains(document.activeElement)) {
      waits ||= requestAnimationFrame(() => { waits = 0; draw(); });
    }
  });
  return { draw };
}
