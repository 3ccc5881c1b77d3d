/** @jsxRuntime automatic */
/** @jsxImportSource @bpmn-io/properties-panel/preact */
// The fields of the properties: each with a label, a line of help, and what the server says of the text beneath it.
import { useEffect, useRef, useState } from '@bpmn-io/properties-panel/preact/hooks';
import { say } from '../language.js';

const QUIET = 350;

function Around({ id, label, help, error, preview, children }) {
  return (
    <div class="field" data-field={id}>
      {label && <label for={id}>{label}</label>}
      {help && <p class="field-help" id={`${id}-help`}>{help}</p>}
      {children}
      <div aria-live="polite">
        {error && <p class="field-error" id={`${id}-error`}>{error}</p>}
        {!error && preview && <p class="field-preview" id={`${id}-preview`}>{preview}</p>}
      </div>
    </div>
  );
}

/** A text as it is being typed: kept when it has been quiet, when the field is left, and when another element is chosen. */
function useTyped(value, onChange) {
  const [typed, setTyped] = useState(value);
  const state = useRef({});
  state.current.onChange = onChange;
  const keep = () => {
    clearTimeout(state.current.timer);
    if (state.current.waits !== undefined) {
      const text = state.current.waits;
      state.current.waits = undefined;
      state.current.onChange(text);
    }
  };
  useEffect(() => {
    if (state.current.waits === undefined) {
      setTyped(value);
    }
  }, [value]);
  useEffect(() => keep, []);
  const onInput = ({ target }) => {
    setTyped(target.value);
    state.current.waits = target.value;
    clearTimeout(state.current.timer);
    state.current.timer = setTimeout(keep, QUIET);
  };
  return { typed, onInput, onBlur: keep };
}

/** What the server says of a text of this kind: a fault or a preview in words. */
function useSaid(asks, kind, text) {
  const [said, setSaid] = useState({});
  useEffect(() => {
    let alive = true;
    const trimmed = (text ?? '').trim();
    const isFeel = kind === 'feel' || /^(=|[$#]\{)/.test(trimmed);
    if (!trimmed || !asks || !kind || kind === 'text') {
      setSaid({});
      return undefined;
    }
    if (kind === 'maybe' && !isFeel) {
      setSaid({});
      return undefined;
    }
    const isTime = kind === 'time' || kind === 'cycle';
    const answer = isTime && !isFeel ? asks.due(trimmed, kind) : asks.expression(trimmed, kind);
    answer.then((found) => alive && setSaid({ error: found.ok === false || !found.words ? found.message : undefined, preview: found.words }));
    return () => {
      alive = false;
    };
  }, [kind, text]);
  return said;
}

/** A line of text, or several. `kind`: text, maybe (text or =FEEL), feel, time, cycle. */
export function Text({ id, label, help, value = '', onChange, kind = 'text', asks, rows, suggestions, error, preview }) {
  const field = useTyped(value, onChange);
  const said = useSaid(asks, kind, field.typed);
  const fault = error?.(field.typed) ?? said.error;
  const shown = preview?.(field.typed) ?? said.preview;
  const isCode = kind === 'feel' || /^\s*=/.test(field.typed);
  const common = {
    id,
    value: field.typed,
    onInput: field.onInput,
    onBlur: field.onBlur,
    class: isCode ? 'code' : undefined,
    spellcheck: isCode ? false : undefined,
    autocomplete: 'off',
    'aria-describedby': [help && `${id}-help`, fault && `${id}-error`, !fault && shown && `${id}-preview`].filter(Boolean).join(' ') || undefined,
    'aria-invalid': fault ? 'true' : undefined,
  };
  const long = rows ?? (field.typed.length > 42 || field.typed.includes('\n') ? Math.min(8, Math.ceil(field.typed.length / 38)) : 1);
  return (
    <Around id={id} label={label} help={help} error={fault} preview={shown}>
      {long > 1 ? <textarea {...common} rows={long} /> : <input type="text" {...common} list={suggestions?.length ? `${id}-list` : undefined} />}
      {suggestions?.length > 0 && long <= 1 && (
        <datalist id={`${id}-list`}>{suggestions.map((each) => <option value={each.value ?? each}>{each.text ?? ''}</option>)}</datalist>
      )}
    </Around>
  );
}

/** One of several; a value that is not among them is shown, and said not to be. */
export function Choice({ id, label, help, value = '', options, onChange, none = say('– Inget valt –', '– None chosen –'), preview }) {
  const isKnown = value === '' || options.some((each) => each.value === value);
  return (
    <Around id={id} label={label} help={help} error={isKnown ? undefined : say(`”${value}” finns inte.`, `“${value}” does not exist.`)} preview={preview}>
      <select id={id} value={value} onChange={({ target }) => onChange(target.value)} aria-describedby={help ? `${id}-help` : undefined} aria-invalid={isKnown ? undefined : 'true'}>
        {none !== null && <option value="">{none}</option>}
        {!isKnown && <option value={value}>{value}</option>}
        {options.map((each) => <option value={each.value}>{each.text ?? each.value}</option>)}
      </select>
    </Around>
  );
}

/** Yes or no. */
export function Tick({ id, label, help, value, onChange }) {
  return (
    <div class="field tick" data-field={id}>
      <input type="checkbox" id={id} checked={value} onChange={({ target }) => onChange(target.checked)} aria-describedby={help ? `${id}-help` : undefined} />
      <label for={id}>{label}</label>
      {help && <p class="field-help" id={`${id}-help`}>{help}</p>}
    </div>
  );
}

/** Names out of a list, several of them; or an expression that gives them. */
export function Names({ id, label, help, value = '', options, onChange, asks, suggestions }) {
  const [writes, setWrites] = useState(/^\s*[=$#]/.test(value));
  const [next, setNext] = useState('');
  const chosen = value.split(',').map((each) => each.trim()).filter(Boolean);
  const textOf = (name) => options.find((each) => each.value === name)?.text ?? name;
  const add = () => {
    if (next && !chosen.includes(next)) {
      onChange([...chosen, next].join(','));
      setNext('');
    }
  };
  if (writes) {
    return (
      <div class="names">
        <Text id={id} label={label} help={help} value={value} onChange={onChange} kind="maybe" asks={asks} suggestions={suggestions} />
        <button type="button" class="link" onClick={() => { setWrites(false); if (/^\s*[=$#]/.test(value)) onChange(''); }}>{say('Välj ur listan i stället', 'Choose from the list instead')}</button>
      </div>
    );
  }
  return (
    <div class="names">
      <Around id={id} label={label} help={help}>
        {chosen.length > 0 && (
          <ul class="chosen">
            {chosen.map((name) => (
              <li>
                <span>{textOf(name)}</span>
                <button type="button" aria-label={say(`Ta bort ${textOf(name)}`, `Remove ${textOf(name)}`)} onClick={() => onChange(chosen.filter((each) => each !== name).join(','))}>×</button>
              </li>
            ))}
          </ul>
        )}
        {/* Chosen first and added by the button: with keys alone one passes others on the way to the one that is meant. */}
        <div class="adds">
          <select id={id} value={next} onChange={({ target }) => setNext(target.value)} onKeyDown={(event) => event.key === 'Enter' && (event.preventDefault(), add())}>
            <option value="">{say('– Välj –', '– Choose –')}</option>
            {options.filter((each) => !chosen.includes(each.value)).map((each) => <option value={each.value}>{each.text}</option>)}
          </select>
          <button type="button" class="ds-button" data-variant="secondary" data-size="sm" onClick={add}>{say('Lägg till', 'Add')}<span class="unseen"> {label}</span></button>
        </div>
      </Around>
      <button type="button" class="link" onClick={() => setWrites(true)}>{say('Skriv ett uttryck i stället', 'Write an expression instead')}</button>
    </div>
  );
}

/** Rows of fields, each of which can be removed; the last button adds one. `columns`: {name, label, kind}. */
export function Rows({ id, label, help, rows, columns, onChange, asks, add }) {
  const replaced = (at, name, value) => rows.map((row, index) => (index === at ? { ...row, [name]: value } : row));
  return (
    <fieldset class="rows" data-field={id}>
      <legend>{label}</legend>
      {help && <p class="field-help">{help}</p>}
      {rows.map((row, at) => (
        <div class="row" key={at} role="group" aria-label={say(`Rad ${at + 1}`, `Row ${at + 1}`)}>
          {columns.map(({ name, label: words, kind, options, suggestions }) =>
            options ? (
              <Choice id={`${id}-${at}-${name}`} label={words} value={row[name] ?? ''} options={options} onChange={(value) => onChange(replaced(at, name, value))} none={null} />
            ) : (
              <Text id={`${id}-${at}-${name}`} label={words} value={row[name] ?? ''} kind={row.fixed ? 'text' : kind} asks={asks} suggestions={suggestions} onChange={(value) => onChange(replaced(at, name, value))} />
            ),
          )}
          <button type="button" class="link" onClick={() => onChange(rows.filter((_, index) => index !== at))}>{say(`Ta bort rad ${at + 1}`, `Remove row ${at + 1}`)}</button>
        </div>
      ))}
      <button type="button" class="ds-button" data-variant="secondary" data-size="sm" onClick={() => onChange([...rows, add()])}>{say('Lägg till rad', 'Add a row')}</button>
    </fieldset>
  );
}

const folded = new Map();

/** A part of the panel with a heading that folds it. */
export function Section({ id, label, element, body: Body, open = false }) {
  const [isOpen, setOpen] = useState(folded.get(id) ?? open);
  return (
    <section class="part" data-part={id}>
      <h3>
        <button type="button" aria-expanded={isOpen} aria-controls={`part-${id}`} onClick={() => { folded.set(id, !isOpen); setOpen(!isOpen); }}>{label}</button>
      </h3>
      <div id={`part-${id}`} hidden={!isOpen}>{isOpen && <Body element={element} key={element.id} />}</div>
    </section>
  );
}
