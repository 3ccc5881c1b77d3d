// A form's schema between the file and form-js: what form-js adds by itself is left out again, so that a file that nobody
// changed is the same, and one that somebody changed differs where they changed it.
function each(components, visit) {
  for (const one of components ?? []) {
    visit(one);
    each(one.components, visit);
  }
}

function byId(schema) {
  const found = new Map([['', schema]]);
  each(schema.components, (one) => found.set(one.id, one));
  return found;
}

// Reads the text of a file. `imported` is told what form-js made of its schema; `write` makes the text of a schema that
// form-js has changed since.
export function formFile(text) {
  const schema = JSON.parse(text);
  const before = byId(schema);
  let given = new Map();
  const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? '  ';
  const end = text.endsWith('\n') ? '\n' : '';
  return {
    schema,
    imported(made) {
      given = byId(structuredClone(made));
    },
    write(changed) {
      const made = structuredClone(changed);
      return JSON.stringify(plain(made, '', before, given, rowsOf(made)), null, indent) + end;
    },
  };
}

// How many fields share each row of the drawing.
function rowsOf(schema) {
  const rows = new Map();
  each(schema.components, ({ layout }) => layout?.row && rows.set(layout.row, (rows.get(layout.row) ?? 0) + 1));
  return rows;
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

// The component with its names in the order of the file, without what form-js added by itself.
function plain(one, id, before, given, rows) {
  const own = before.get(id);
  const added = given.get(id);
  const isAdded = (name) => own && !(name in own) && added && same(one[name], added[name]);
  const isAlone = (name) => name === 'layout' && !own?.layout && !one.layout?.columns && (rows.get(one.layout?.row) ?? 0) < 2;
  const names = [...Object.keys(own ?? {}), ...Object.keys(one)];
  const made = {};
  for (const name of new Set(names)) {
    if (one[name] === undefined || (name !== 'components' && (isAdded(name) || isAlone(name)))) {
      continue;
    }
    made[name] = name === 'components' ? one.components.map((part) => plain(part, part.id, before, given, rows)) : one[name];
  }
  return made;
}
