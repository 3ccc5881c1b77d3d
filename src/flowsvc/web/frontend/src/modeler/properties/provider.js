// Our own provider of the panel: the parts of each element in the words of process owners, and nothing that the engine
// does not read.
import { Section } from './fields.jsx';
import { kit, partsOf } from './parts.jsx';
import { Writer } from '../model.js';
import { people } from '../reading.js';

/** The module of our provider. `known`: what there is to choose; `asks`: the server's word on texts; `showForm`: opens a form. */
export function provider({ known, asks, showForm }) {
  function Provider(propertiesPanel, injector, elementRegistry) {
    const writer = new Writer(injector);
    const box = kit({ writer, known, asks, showForm, diagram: { people: () => people(elementRegistry) } });
    const made = new Map();
    this.getGroups = (element) => () =>
      partsOf(element, box).map(([id, label, body, open]) => {
        // One component for each part, so that a field keeps its focus when the panel is drawn anew.
        made.set(id, made.get(id) ?? body);
        return { id: `${id}`, label, component: Section, body: made.get(id), open };
      });
    propertiesPanel.registerProvider(500, this);
  }
  Provider.$inject = ['propertiesPanel', 'injector', 'elementRegistry'];
  return { __init__: ['flowsvcProvider'], flowsvcProvider: ['type', Provider] };
}
