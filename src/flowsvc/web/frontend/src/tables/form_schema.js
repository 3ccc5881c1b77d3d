// A form's schema between the file and form-js: what form-js adds by itself is left out again, so that a file that nobody
// changed is the same, and one that somebody changed differs where they changed it.
function each(components, visit) {
  for (const one of components ?? []) {
    visit(one);
    each(one.components, visit);
  }
}

// The ids of the components that had a layout of their own.
function laidOut(schema) {
  const found = new Set();
  each(schema.components, (one) => one.layout && found.add(one.id));
  return found;
}

// Reads the text of a file; `write` makes the text of a schema of form-js again.
export function formFile(text) {
  const schema = JSON.parse(text);
  const kept = laidOut(schema);
  const indent = /^(\s+)"/m.exec(text)?.[1].replace(/[\r\n]/g, '') ?? '  ';
  const end = text.endsWith('\n') ? '\n' : '';
  return { schema, write: (changed) => JSON.stringify(plain(changed, schema, kept), null, indent) + end };
}

function plain(changed, before, kept) {
  const made = structuredClone(changed);
  const rows = new Map();
  each(made.components, ({ layout }) => layout?.row && rows.set(layout.row, (rows.get(layout.row) ?? 0) + 1));
  each(made.components, (one) => {
    const { layout } = one;
    if (layout && !kept.has(one.id) && !layout.columns && (rows.get(layout.row) ?? 0) < 2) {
      delete one.layout;
    }
    for (const name of ['properties', 'conditional', 'validate']) {
      // What was emptied in the panel is left out.
      if (one[name] && Object.keys(one[name]).length === 0) {
        delete one[name];
      }
    }
  });
  if (before.schemaVersion === undefined) {
    delete made.schemaVersion;
  }
  return made;
}
