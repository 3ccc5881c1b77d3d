/** @jsxRuntime automatic */
/** @jsxImportSource @bpmn-io/properties-panel/preact */
// What can be said of each kind of element, in the words of a process owner, and where in the file it is written.
import { is } from 'bpmn-js/lib/util/ModelUtil';
import { say } from '../language.js';
import { OWN, definitionOf, extensionsOf, ownValue, propertiesOf, subjectOf } from '../model.js';
import { Choice, Names, Rows, Text, Tick } from './fields.jsx';

const TIME_HELP = () => say('P5BD är fem arbetsdagar, P30D trettio dagar, PT2H två timmar. Ett uttryck börjar med =.', 'P5BD is five working days, P30D thirty days, PT2H two hours. An expression begins with =.');

/** Fields that share a writer, what is known, and the element: attributes and our own properties by name. */
export function kit({ writer, known, asks, diagram, showForm }) {
  function Attribute({ element, subject = subjectOf(element), name, as: Field = Text, ...rest }) {
    const value = subject.get(name);
    const shown = Field === Tick ? value === true : (value ?? '').toString();
    return <Field {...rest} id={`f-${name.replace(/\W/g, '-')}`} asks={asks} value={shown} onChange={(text) => writer.set(element, subject, { [name]: text === '' ? undefined : text })} />;
  }
  function Own({ element, name, as: Field = Text, kind = 'maybe', ...rest }) {
    const subject = subjectOf(element);
    const value = ownValue(subject, name);
    if (Field === Tick) {
      return <Tick {...rest} id={`f-own-${name}`} value={value === 'true'} onChange={(yes) => writer.setOwn(element, subject, name, yes ? 'true' : '')} />;
    }
    return <Field {...rest} kind={kind} asks={asks} id={`f-own-${name.replace(/\W/g, '-')}`} value={value ?? ''} onChange={(text) => writer.setOwn(element, subject, name, text)} />;
  }
  function Expression({ element, subject = subjectOf(element), name, ...rest }) {
    return <Text {...rest} asks={asks} id={`f-${name}`} value={subject.get(name)?.get('body') ?? ''} onChange={(text) => writer.setExpression(element, subject, name, text)} />;
  }
  return { Attribute, Own, Expression, writer, known, asks, diagram, showForm };
}

const named = (list) => (list ?? []).map(({ key, name }) => ({ value: key, text: name && name !== key ? `${name} (${key})` : key }));

function general({ Attribute, Own, writer, asks }) {
  return function General({ element }) {
    const subject = subjectOf(element);
    const texts = subject.get('documentation') ?? [];
    const isRoot = is(subject, 'bpmn:Process');
    const keepName = (text) => (element.businessObject === subject ? writer.modeling.updateLabel(element, text) : writer.set(element, subject, { name: text || undefined }));
    return (
      <>
        {subject.$type === 'bpmn:TextAnnotation' ? (
          <Attribute element={element} name="text" label={say('Text', 'Text')} rows={3} />
        ) : (
          <Text id="f-name" label={say('Namn', 'Name')} value={subject.get('name') ?? ''} onChange={isRoot ? (text) => writer.set(element, subject, { name: text || undefined }) : keepName} asks={asks} />
        )}
        <Own element={element} name="name:en" kind="text" label={say('Namn på engelska', 'Name in English')} />
        <Text id="f-documentation" label={say('Beskrivning', 'Description')} help={say('Visas för den som gör uppgiften eller läser om processen.', 'Shown to whoever does the task or reads about the process.')} rows={3} value={texts[0]?.get('text') ?? ''} onChange={(text) => writer.set(element, subject, { documentation: text ? [writer.make('bpmn:Documentation', { text }, subject), ...texts.slice(1)] : texts.slice(1) })} />
        {(texts.length > 0 || ownValue(subject, 'documentation:en')) && <Own element={element} name="documentation:en" kind="text" rows={3} label={say('Beskrivning på engelska', 'Description in English')} />}
        {is(element, 'bpmn:Participant') && <Attribute element={element} subject={element.businessObject} name="name" label={say('Poolens namn i bilden', 'Name of the pool in the picture')} />}
      </>
    );
  };
}

function formPart({ Attribute, writer, known, showForm }) {
  return function Form({ element }) {
    const subject = subjectOf(element);
    const isReference = Boolean(subject.get('camunda:formRef'));
    const value = subject.get('camunda:formRef') ?? subject.get('camunda:formKey') ?? '';
    const drawn = extensionsOf(subject, 'camunda:FormData').length > 0;
    const found = known().forms?.find((each) => each.key === value);
    return (
      <>
        {drawn && <p class="field-help">{say('Elementet har fält som är ritade i diagrammet (formData). De läses, men ändras i en blankettfil.', 'The element has fields drawn in the diagram (formData). They are read; use a form file to change them.')}</p>}
        <Choice id="f-form" label={say('Blankett', 'Form')} help={say('Det som fylls i. Blanketter ritas som egna filer i utkastet.', 'What is filled in. Forms are drawn as files of their own in the draft.')} value={value} options={named(known().forms)} onChange={(key) => writer.set(element, subject, isReference ? { 'camunda:formRef': key || undefined } : { 'camunda:formKey': key || undefined })} />
        {found?.source && <button type="button" class="link" onClick={() => showForm(found)}>{say('Se blanketten', 'See the form')}</button>}
        {isReference && <Attribute element={element} name="camunda:formRefBinding" as={Choice} label={say('Blankettens version', 'Version of the form')} options={[{ value: 'deployment', text: say('Den som publiceras samtidigt', 'The one released together') }, { value: 'latest', text: say('Alltid den nyaste', 'Always the newest') }]} />}
        {is(subject, 'bpmn:StartEvent') && <Attribute element={element} name="camunda:initiator" label={say('Variabel för den som startar', 'Variable for who starts')} />}
      </>
    );
  };
}

function people({ Attribute, Own, known, diagram }) {
  return function People({ element }) {
    const groups = [...(known().groups ?? []), ...(known().posts ?? []), ...(known().units ?? [])].map((each) => ({ value: each.key, text: each.name }));
    return (
      <>
        <Attribute element={element} name="camunda:candidateGroups" as={Names} label={say('Vilka kan ta uppgiften', 'Who may take the task')} help={say('Grupper, befattningar eller enheter. Ett uttryck pekar ut dem i ärendet, till exempel nivåns adressater.', 'Groups, posts or units. An expression finds them in the case, such as the addressees of the level.')} options={groups} suggestions={diagram.people()} />
        <Attribute element={element} name="camunda:assignee" kind="maybe" label={say('Tilldelas direkt', 'Assigned at once')} help={say('Bara om en viss person alltid ska ha uppgiften.', 'Only where a certain person always has the task.')} suggestions={diagram.people()} />
        <Attribute element={element} name="camunda:candidateUsers" kind="maybe" label={say('Enskilda personer', 'Single people')} />
        <Own element={element} name="party" label={say('Uppgiften hör till parten', 'The task is of the party')} help={say('Ett uttryck som =addressee.party.', 'An expression such as =addressee.party.')} />
      </>
    );
  };
}

function times({ Attribute, Own }) {
  return function Times({ element }) {
    return (
      <>
        <Attribute element={element} name="camunda:dueDate" kind="time" label={say('Svar senast', 'Due')} help={TIME_HELP()} />
        <Attribute element={element} name="camunda:followUpDate" kind="time" label={say('Följ upp', 'Follow up')} />
        <Attribute element={element} name="camunda:priority" kind="maybe" label={say('Prioritet', 'Priority')} help={say('Ett tal från 0 till 100. Högre kommer först.', 'A number from 0 to 100. Higher comes first.')} />
        <Own element={element} name="deliversSupport" as={Tick} label={say('Säkrar barnets stöd', 'Secures the child’s support')} help={say('Uppgiften och dess tider stoppas aldrig av tvisten eller av att ärendet pausas.', 'The task and its times are never stopped by the dispute or by a pause.')} />
        <Own element={element} name="answers" as={Choice} label={say('Uppgiften är partens svar', 'The task is the party’s answer')} options={[{ value: 'position', text: say('Ståndpunkt', 'Position') }, { value: 'negotiation', text: say('Drag i förhandlingen', 'Move in the negotiation') }]} none={say('– Nej –', '– No –')} />
      </>
    );
  };
}

function escalation({ Own, known }) {
  return function Escalation({ element }) {
    return (
      <>
        <Own element={element} name="escalationLevel" label={say('Nivå', 'Level')} help={say('Ärendet står i eskaleringskön på nivån när elementet börjar: OPER, UNIT, AREA, DIR, LEAD, eller ett uttryck som =level.', 'The case stands in the escalation queue at the level when the element begins: OPER, UNIT, AREA, DIR, LEAD, or an expression such as =level.')} suggestions={(known().levels ?? []).map((each) => ({ value: each.key, text: each.name }))} />
        <Own element={element} name="answerWithin" kind="time" label={say('Svar inom', 'Answer within')} help={TIME_HELP()} />
        <Own element={element} name="owesAnswer" label={say('Vem är skyldig svar', 'Who owes an answer')} help={say('Ett uttryck som =addressees.', 'An expression such as =addressees.')} />
        <Own element={element} name="escalationKind" label={say('Slag av fråga', 'Kind of matter')} suggestions={known().kinds} />
        <Own element={element} name="childWaiting" label={say('Ett barn väntar', 'A child waits')} />
        <Own element={element} name="amount" label={say('Belopp', 'Amount')} />
        <Own element={element} name="escalationOutcome" label={say('Eskaleringen slutar med', 'The escalation ends with')} />
        <Own element={element} name="interimWithin" kind="time" label={say('Stödet ska vara säkrat inom', 'The support is to be secured within')} />
      </>
    );
  };
}

function decision({ Attribute, known }) {
  return function Decision({ element }) {
    const found = known().decisions?.find((each) => each.key === subjectOf(element).get('camunda:decisionRef'));
    return (
      <>
        <Attribute element={element} name="camunda:decisionRef" as={Choice} label={say('Beslutstabell', 'Decision table')} options={named(known().decisions)} preview={found?.inputs?.length ? say(`Läser ${found.inputs.join(', ')}`, `Reads ${found.inputs.join(', ')}`) : undefined} />
        <Attribute element={element} name="camunda:resultVariable" label={say('Svaret läggs i variabeln', 'The answer goes to the variable')} />
        <Attribute element={element} name="camunda:mapDecisionResult" as={Choice} label={say('Svaret är', 'The answer is')} options={[{ value: 'singleEntry', text: say('ett värde', 'one value') }, { value: 'singleResult', text: say('en rad', 'one row') }, { value: 'collectEntries', text: say('en lista med värden', 'a list of values') }, { value: 'resultList', text: say('en lista med rader', 'a list of rows') }]} none={say('– Som tabellen ger det –', '– As the table gives it –')} />
        <Attribute element={element} name="camunda:decisionRefBinding" as={Choice} label={say('Tabellens version', 'Version of the table')} options={[{ value: 'deployment', text: say('Den som publiceras samtidigt', 'The one released together') }, { value: 'latest', text: say('Alltid den nyaste', 'Always the newest') }]} none={say('– Den som gällde vid starten –', '– As at the start –')} />
      </>
    );
  };
}

function service({ Attribute, writer, known, asks }) {
  return function Service({ element }) {
    const subject = subjectOf(element);
    const way = ownValue(subject, 'function') !== undefined ? 'function' : ownValue(subject, 'connector') !== undefined ? 'connector' : subject.get('camunda:type') === 'external' ? 'external' : '';
    const list = way === 'function' ? known().functions : known().connectors;
    const name = ownValue(subject, way) ?? '';
    const found = list?.find((each) => each.key === name);
    const choose = (next) => {
      if (next === 'external') {
        writer.setOwns(element, subject, { function: '', connector: '' });
        writer.set(element, subject, { 'camunda:type': 'external' });
      } else {
        writer.set(element, subject, { 'camunda:type': undefined, 'camunda:topic': undefined });
        const first = (next === 'function' ? known().functions : known().connectors)?.[0]?.key;
        writer.setOwns(element, subject, { function: '', connector: '', ...(next ? { [next]: first ?? '' } : {}) });
      }
    };
    const fill = () => addParameters(writer, element, subject, found);
    return (
      <>
        <Choice id="f-way" label={say('Görs av', 'Done by')} value={way} onChange={choose} options={[{ value: 'function', text: say('en inbyggd funktion', 'a built-in function') }, { value: 'connector', text: say('en koppling till ett annat system', 'a connector to another system') }, { value: 'external', text: say('ett program som hämtar uppgiften (ämne)', 'a program that fetches the task (topic)') }]} />
        {(way === 'function' || way === 'connector') && <Choice id="f-what" label={way === 'function' ? say('Funktion', 'Function') : say('Koppling', 'Connector')} value={name} options={(list ?? []).map((each) => ({ value: each.key, text: each.key }))} onChange={(key) => writer.setOwn(element, subject, way, key)} preview={found?.name} none={null} />}
        {found && (found.inputs?.length > 0 || found.outputs?.length > 0) && (
          <p><button type="button" class="ds-button" data-variant="secondary" data-size="sm" onClick={fill}>{say('Fyll i det som saknas av in- och utdata', 'Add the inputs and outputs that are missing')}</button></p>
        )}
        {way === 'external' && <Attribute element={element} name="camunda:topic" label={say('Ämne', 'Topic')} />}
        {way === 'external' && <Attribute element={element} name="camunda:taskPriority" kind="maybe" label={say('Prioritet', 'Priority')} />}
        {is(subject, 'bpmn:ServiceTask') && <Attribute element={element} name="camunda:resultVariable" label={say('Hela svaret läggs i variabeln', 'The whole answer goes to the variable')} asks={asks} />}
      </>
    );
  };
}

function ioOf(subject) {
  return extensionsOf(subject, 'camunda:InputOutput')[0];
}

function addParameters(writer, element, subject, declared) {
  const io = ioOf(subject);
  const inputs = [...(io?.get('inputParameters') ?? [])];
  const outputs = [...(io?.get('outputParameters') ?? [])];
  for (const [wanted, list, type] of [[declared.inputs, inputs, 'camunda:InputParameter'], [declared.outputs, outputs, 'camunda:OutputParameter']]) {
    for (const each of wanted ?? []) {
      const name = each.name ?? each;
      if (!list.some((one) => one.name === name)) {
        list.push(writer.make(type, { name, value: `=${name}` }));
      }
    }
  }
  keepParameters(writer, element, subject, inputs, outputs);
}

function keepParameters(writer, element, subject, inputs, outputs) {
  const others = (subject.get('extensionElements')?.get('values') ?? []).filter((each) => !is(each, 'camunda:InputOutput'));
  if (!inputs.length && !outputs.length) {
    writer.setExtensions(element, subject, others);
    return;
  }
  const io = writer.make('camunda:InputOutput', {}, subject);
  io.inputParameters = inputs;
  io.outputParameters = outputs;
  for (const each of [...inputs, ...outputs]) {
    each.$parent = io;
  }
  writer.setExtensions(element, subject, [io, ...others]);
}

function parameters({ writer, asks }) {
  return function Parameters({ element }) {
    const subject = subjectOf(element);
    const io = ioOf(subject);
    const lists = { inputParameters: io?.get('inputParameters') ?? [], outputParameters: io?.get('outputParameters') ?? [] };
    const rows = (which) => lists[which].map((each) => ({ name: each.name ?? '', value: each.definition ? say('(sammansatt värde)', '(composed value)') : (each.value ?? ''), fixed: Boolean(each.definition), from: each }));
    const change = (which, type) => (next) => {
      const made = next.map((row) => (row.from && row.from.name === row.name && (row.fixed || row.from.value === row.value) ? row.from : writer.make(type, { name: row.name, ...(row.from?.definition ? { definition: row.from.definition } : { value: row.value }) })));
      const both = { ...lists, [which]: made };
      keepParameters(writer, element, subject, both.inputParameters, both.outputParameters);
    };
    const columns = [{ name: 'name', label: say('Namn', 'Name'), kind: 'text' }, { name: 'value', label: say('Värde', 'Value'), kind: 'maybe' }];
    return (
      <>
        <Rows id="inputs" label={say('In', 'In')} help={say('Det som elementet får, med = först för ett uttryck.', 'What the element is given; an expression begins with =.')} rows={rows('inputParameters')} columns={columns} asks={asks} onChange={change('inputParameters', 'camunda:InputParameter')} add={() => ({ name: '', value: '=' })} />
        <Rows id="outputs" label={say('Ut', 'Out')} help={say('Det som ärendet får tillbaka.', 'What the case gets back.')} rows={rows('outputParameters')} columns={columns} asks={asks} onChange={change('outputParameters', 'camunda:OutputParameter')} add={() => ({ name: '', value: '=' })} />
      </>
    );
  };
}

function call({ Attribute, Own, writer, known, asks }) {
  return function Call({ element }) {
    const subject = subjectOf(element);
    const isOwn = ownValue(subject, 'ownCase') === 'true';
    const mapped = (type) => extensionsOf(subject, type);
    const row = (each) => ({ source: each.get('variables') === 'all' ? '*' : each.get('sourceExpression') ?? each.get('source') ?? '', target: each.get('target') ?? '', from: each, key: each.get('businessKey') });
    const change = (type) => (next) => {
      const kept = (subject.get('extensionElements')?.get('values') ?? []).filter((each) => !is(each, type) || each.get('businessKey') !== undefined);
      const made = next.map(({ source, target, from }) => {
        const was = from && row(from);
        if (was && was.source === source && was.target === target) {
          return from;
        }
        const local = from?.get('local') ? { local: from.get('local') } : {};
        return writer.make(type, source === '*' ? { variables: 'all', ...local } : /^\s*=/.test(source) ? { sourceExpression: source, target, ...local } : { source, target, ...local });
      });
      writer.setExtensions(element, subject, [...made, ...kept]);
    };
    const columns = [{ name: 'source', label: say('Från (variabel, =uttryck, eller * för allt)', 'From (variable, =expression, or * for all)'), kind: 'maybe' }, { name: 'target', label: say('Till variabeln', 'To the variable'), kind: 'text' }];
    const plain = (type) => mapped(type).filter((each) => each.get('businessKey') === undefined).map(row);
    const key = mapped('camunda:In').find((each) => each.get('businessKey') !== undefined);
    const setKey = (text) => {
      const others = (subject.get('extensionElements')?.get('values') ?? []).filter((each) => each !== key);
      writer.setExtensions(element, subject, text ? [...others, writer.make('camunda:In', { businessKey: text })] : others);
    };
    return (
      <>
        <Attribute element={element} name="calledElement" as={Choice} label={say('Process', 'Process')} options={named(known().processes)} />
        <Own element={element} name="ownCase" as={Tick} label={say('Blir ett eget ärende', 'Becomes a case of its own')} />
        {isOwn && <Own element={element} name="awaited" as={Choice} label={say('Väntar på det', 'Waits for it')} options={[{ value: 'false', text: say('Nej, fortsätter genast', 'No, goes on at once') }]} none={say('Ja, tills det är klart', 'Yes, until it is over')} />}
        {isOwn && <Text id="f-business-key" label={say('Ärendenummer', 'Case number')} help={say('Tomt ger nästa lediga.', 'Empty gives the next free one.')} value={key?.get('businessKey') ?? ''} onChange={setKey} kind="maybe" asks={asks} />}
        <Rows id="ins" label={say('Lämnas till processen', 'Handed to the process')} rows={plain('camunda:In')} columns={columns} asks={asks} onChange={change('camunda:In')} add={() => ({ source: '', target: '' })} />
        <Rows id="outs" label={say('Tas tillbaka', 'Taken back')} rows={plain('camunda:Out')} columns={columns} asks={asks} onChange={change('camunda:Out')} add={() => ({ source: '', target: '' })} />
        <Attribute element={element} name="camunda:calledElementBinding" as={Choice} label={say('Processens version', 'Version of the process')} options={[{ value: 'deployment', text: say('Den som publiceras samtidigt', 'The one released together') }, { value: 'latest', text: say('Alltid den nyaste', 'Always the newest') }]} none={say('– Den som gällde vid starten –', '– As at the start –')} />
      </>
    );
  };
}

function script({ Attribute, writer, asks }) {
  return function Script({ element }) {
    const subject = subjectOf(element);
    return (
      <>
        <Text id="f-script" kind="feel" asks={asks} rows={5} label={say('Uträkning (FEEL)', 'Calculation (FEEL)')} value={subject.get('script') ?? ''} onChange={(text) => writer.set(element, subject, { script: text || undefined, scriptFormat: 'feel' })} />
        <Attribute element={element} name="camunda:resultVariable" label={say('Resultatet läggs i variabeln', 'The result goes to the variable')} />
      </>
    );
  };
}

const SHARED = {
  message: { type: 'bpmn:Message', field: 'name', words: () => say('Meddelandets namn', 'Name of the message') },
  signal: { type: 'bpmn:Signal', field: 'name', words: () => say('Signalens namn', 'Name of the signal') },
  error: { type: 'bpmn:Error', field: 'errorCode', words: () => say('Felets kod', 'Code of the error') },
  escalation: { type: 'bpmn:Escalation', field: 'escalationCode', words: () => say('Eskaleringens kod', 'Code of the escalation') },
};

function sharedPart({ Own, writer, known, asks }, kind) {
  const { type, field, words } = SHARED[kind];
  return function Shared({ element }) {
    const subject = subjectOf(element);
    const holder = definitionOf(subject) ?? subject;
    const reference = `${kind}Ref`;
    const throws = /Throw|End|SendTask/.test(subject.$type);
    return (
      <>
        <Text id={`f-${reference}`} label={words()} kind={kind === 'message' || kind === 'signal' ? 'maybe' : 'text'} asks={asks} suggestions={known()[`${kind}s`]} value={holder.get(reference)?.get(field) ?? ''} onChange={(value) => writer.setShared(element, holder, { type, reference, field, value })} />
        {kind === 'message' && <Own element={element} name="correlationKey" label={say('Nyckel som säger vilket ärende', 'Key that says which case')} help={say('Tomt betyder ärendets nummer.', 'Empty means the case number.')} />}
        {kind === 'message' && throws && <Own element={element} name="timeToLive" kind="time" label={say('Väntar på en mottagare i', 'Waits for a receiver for')} help={TIME_HELP()} />}
        {kind === 'message' && !throws && (
          <>
            <Own element={element} name="offer" kind="text" label={say('Knapp för människor', 'Button for people')} help={say('Med en text här kan människor sända meddelandet från ärendet.', 'With a text here people may send the message from the case.')} />
            <Own element={element} name="offer:en" kind="text" label={say('Knappen på engelska', 'The button in English')} />
            <Own element={element} name="offerTo" label={say('Knappen visas för', 'The button is shown to')} suggestions={['addressees', 'leadParty']} />
            <Own element={element} name="offerForm" as={Choice} label={say('Med blanketten', 'With the form')} options={named(known().forms)} />
          </>
        )}
      </>
    );
  };
}

function timer({ writer, asks }) {
  return function Timer({ element }) {
    const definition = definitionOf(subjectOf(element));
    const kind = ['timeDuration', 'timeDate', 'timeCycle'].find((name) => definition.get(name)) ?? 'timeDuration';
    const text = definition.get(kind)?.get('body') ?? '';
    const set = (name, value) => writer.set(element, definition, { timeDuration: undefined, timeDate: undefined, timeCycle: undefined, [name]: writer.make('bpmn:FormalExpression', { body: value }, definition) });
    return (
      <>
        <Choice id="f-timer-kind" label={say('Slag av tid', 'Kind of time')} value={kind} none={null} options={[{ value: 'timeDuration', text: say('Efter en tid', 'After a time') }, { value: 'timeDate', text: say('Ett visst datum', 'On a date') }, { value: 'timeCycle', text: say('Återkommande', 'Again and again') }]} onChange={(name) => set(name, text)} />
        <Text id="f-timer" label={say('Tid', 'Time')} kind={kind === 'timeCycle' ? 'cycle' : 'time'} asks={asks} help={kind === 'timeCycle' ? say('R/P1D är varje dag, R3/PT2H tre gånger varannan timme.', 'R/P1D is each day, R3/PT2H three times every other hour.') : TIME_HELP()} value={text} onChange={(value) => set(kind, value)} />
      </>
    );
  };
}

function conditional({ writer, asks }) {
  return function Conditional({ element }) {
    const definition = definitionOf(subjectOf(element));
    return <Text id="f-condition" kind="feel" asks={asks} label={say('Händer när', 'Happens when')} value={definition.get('condition')?.get('body') ?? ''} onChange={(text) => writer.setExpression(element, definition, 'condition', text)} />;
  };
}

function flow({ Expression, writer }) {
  return function Flow({ element }) {
    const source = element.source?.businessObject;
    const isDefault = source?.get('default') === element.businessObject;
    const mayBeDefault = source && (is(source, 'bpmn:ExclusiveGateway') || is(source, 'bpmn:InclusiveGateway') || is(source, 'bpmn:ComplexGateway') || is(source, 'bpmn:Activity'));
    return (
      <>
        {mayBeDefault && <Tick id="f-default" label={say('Vägen när inget annat villkor stämmer', 'The way when no other condition holds')} value={isDefault} onChange={(yes) => writer.modeling.updateProperties(element.source, { default: yes ? element.businessObject : undefined })} />}
        {!isDefault && <Expression element={element} name="conditionExpression" kind="feel" label={say('Villkor', 'Condition')} help={say('Ett uttryck som är sant eller falskt, till exempel =amount > 10000.', 'An expression that is true or false, such as =amount > 10000.')} />}
      </>
    );
  };
}

function loop({ Attribute, Expression, writer }) {
  return function Loop({ element }) {
    const subject = subjectOf(element);
    const marks = subject.get('loopCharacteristics');
    const kind = !marks ? '' : is(marks, 'bpmn:StandardLoopCharacteristics') ? 'loop' : marks.get('isSequential') ? 'sequential' : 'parallel';
    const choose = (next) => {
      const made = next === 'loop' ? writer.make('bpmn:StandardLoopCharacteristics', {}, subject) : next ? writer.make('bpmn:MultiInstanceLoopCharacteristics', {}, subject) : undefined;
      const stays = marks && next && next !== 'loop' && kind !== 'loop';
      if (stays) {
        writer.set(element, marks, { isSequential: next === 'sequential' });
      } else {
        if (made && next === 'sequential') made.isSequential = true;
        writer.set(element, subject, { loopCharacteristics: made });
      }
    };
    return (
      <>
        <Choice id="f-loop" label={say('Görs', 'Done')} value={kind} onChange={choose} none={say('en gång', 'once')} options={[{ value: 'parallel', text: say('en gång för var och en, samtidigt', 'once for each, at the same time') }, { value: 'sequential', text: say('en gång för var och en, i tur och ordning', 'once for each, one after another') }, { value: 'loop', text: say('om och om igen', 'again and again') }]} />
        {kind === 'loop' && <Expression element={element} subject={marks} name="loopCondition" kind="feel" label={say('Så länge', 'As long as')} />}
        {kind === 'loop' && <Attribute element={element} subject={marks} name="loopMaximum" label={say('Högst antal gånger', 'At most so many times')} />}
        {(kind === 'parallel' || kind === 'sequential') && (
          <>
            <Attribute element={element} subject={marks} name="camunda:collection" kind="feel" label={say('För varje i listan', 'For each in the list')} help={say('Till exempel =addressees.', 'For example =addressees.')} />
            <Attribute element={element} subject={marks} name="camunda:elementVariable" label={say('Den det gäller heter', 'Each is called')} />
            <Expression element={element} subject={marks} name="loopCardinality" kind="feel" label={say('Eller så många gånger', 'Or so many times')} />
            <Expression element={element} subject={marks} name="completionCondition" kind="feel" label={say('Slutar i förtid när', 'Ends early when')} />
          </>
        )}
      </>
    );
  };
}

function boundary({ writer }) {
  return function Boundary({ element }) {
    const subject = subjectOf(element);
    return <Tick id="f-interrupts" label={say('Avbryter uppgiften', 'Interrupts the task')} value={subject.get('cancelActivity') !== false} onChange={(yes) => writer.modeling.updateProperties(element, { cancelActivity: yes })} />;
  };
}

function processPart({ Attribute, Own, known }) {
  return function ProcessPart({ element }) {
    return (
      <>
        <Attribute element={element} name="id" label={say('Nyckel', 'Key')} help={say('Processens namn för andra processer och program. Ändra den inte på en process som används.', 'The name of the process for other processes and programs. Do not change it on a process in use.')} />
        <Attribute element={element} name="isExecutable" as={Tick} label={say('Kan köras', 'Can be run')} />
        <Attribute element={element} name="camunda:candidateStarterGroups" as={Names} label={say('Vilka kan starta ärenden', 'Who may start cases')} options={(known().groups ?? []).map((each) => ({ value: each.key, text: each.name }))} />
        <Attribute element={element} name="camunda:versionTag" label={say('Egen versionsbeteckning', 'Version tag of your own')} />
        <Attribute element={element} name="camunda:historyTimeToLive" label={say('Gallras efter', 'Disposed of after')} help={say('Till exempel P5Y.', 'For example P5Y.')} />
        <Own element={element} name="caseType" kind="text" label={say('Bokstäver i ärendenumret', 'Letters in the case number')} />
        <Own element={element} name="variables" kind="text" label={say('Variabler som kommer utifrån', 'Variables that come from outside')} help={say('Namn med komma emellan.', 'Names with commas between.')} />
        <Own element={element} name="documents" kind="text" label={say('Handlingar på ärendesidan', 'Documents on the case page')} help="dossier, decision, report, form:…" />
        <Own element={element} name="reportForms" kind="text" label={say('Blanketter i rapporten', 'Forms in the report')} />
        <Own element={element} name="once" label={say('Högst ett ärende för varje', 'At most one case for each')} help={say('Till exempel =year.', 'For example =year.')} />
        <Own element={element} name="agreement" label={say('Överenskommelse', 'Agreement')} />
        <Own element={element} name="eventDate" label={say('Dag som avgör överenskommelsens version', 'Day that decides the version of the agreement')} />
      </>
    );
  };
}

function caseFacts({ Own }) {
  return function CaseFacts({ element }) {
    return (
      <>
        <Own element={element} name="endState" kind="text" label={say('Ärendets läge blir', 'The state of the case becomes')} />
        <Own element={element} name="title" label={say('Ärendets rubrik blir', 'The title of the case becomes')} />
        <Own element={element} name="errorCode" label={say('Slutar med felkoden', 'Ends with the error code')} />
        <Own element={element} name="escalationCode" label={say('Kastar eskaleringskoden', 'Throws the escalation code')} />
      </>
    );
  };
}

function others({ writer, asks }) {
  return function Others({ element }) {
    const subject = subjectOf(element);
    const rows = propertiesOf(subject).map(({ name = '', value = '', id }) => ({ name, value, id }));
    return (
      <>
        <p class="field-help">{say(`Alla egenskaper som de står i filen. Våra egna börjar med ${OWN}`, `All properties as they stand in the file. Ours begin with ${OWN}`)}</p>
        <Rows id="properties" label={say('Egenskaper', 'Properties')} rows={rows} columns={[{ name: 'name', label: say('Namn', 'Name'), kind: 'text' }, { name: 'value', label: say('Värde', 'Value'), kind: 'maybe' }]} asks={asks} onChange={(next) => writer.setProperties(element, subject, next)} add={() => ({ name: OWN, value: '' })} />
        {!is(subject, 'bpmn:Process') && <Text id="f-id" label={say('Id i filen', 'Id in the file')} value={subject.get('id') ?? ''} error={(text) => (/^[A-Za-z_][\w.-]*$/.test(text) ? undefined : say('Ett id börjar med en bokstav och har inga mellanslag.', 'An id begins with a letter and has no spaces.'))} onChange={(text) => /^[A-Za-z_][\w.-]*$/.test(text) && !writer.injector.get('elementRegistry').get(text) && writer.set(element, subject, { id: text })} />}
      </>
    );
  };
}

/** The parts that the panel shows for an element: [id, heading, body, open]. */
export function partsOf(element, box) {
  const subject = subjectOf(element);
  const definition = definitionOf(subject);
  const kind = definition?.$type.replace('bpmn:', '').replace('EventDefinition', '').toLowerCase();
  const isActivity = is(subject, 'bpmn:Activity');
  const found = [['general', say('Namn och beskrivning', 'Name and description'), general(box), true]];
  const add = (id, label, body, open = true) => found.push([id, label, body, open]);
  if (is(subject, 'bpmn:Process')) add('process', say('Processen', 'The process'), processPart(box));
  if (is(subject, 'bpmn:UserTask')) {
    add('form', say('Blankett', 'Form'), formPart(box));
    add('people', say('Vem', 'Who'), people(box));
    add('times', say('När', 'When'), times(box));
  }
  if (is(subject, 'bpmn:StartEvent') && !definition) add('form', say('Blankett', 'Form'), formPart(box));
  if (is(subject, 'bpmn:BusinessRuleTask')) add('decision', say('Beslut', 'Decision'), decision(box));
  if (is(subject, 'bpmn:ServiceTask')) add('service', say('Hur det görs', 'How it is done'), service(box));
  if (is(subject, 'bpmn:CallActivity')) add('call', say('Process som anropas', 'Process that is called'), call(box));
  if (is(subject, 'bpmn:ScriptTask')) add('script', say('Uträkning', 'Calculation'), script(box));
  if (is(subject, 'bpmn:SendTask') || is(subject, 'bpmn:ReceiveTask')) add('message', say('Meddelande', 'Message'), sharedPart(box, 'message'));
  if (SHARED[kind]) add(kind, say('Det som händer', 'What happens'), sharedPart(box, kind));
  if (kind === 'timer') add('timer', say('Tid', 'Time'), timer(box));
  if (kind === 'conditional') add('conditional', say('Villkor', 'Condition'), conditional(box));
  if (is(subject, 'bpmn:BoundaryEvent')) add('boundary', say('Vid kanten', 'On the border'), boundary(box));
  if (is(subject, 'bpmn:SequenceFlow')) add('flow', say('När vägen tas', 'When the way is taken'), flow(box));
  if (isActivity) {
    add('loop', say('Upprepning', 'Repetition'), loop(box), Boolean(subject.get('loopCharacteristics')));
    add('escalation', say('Eskalering', 'Escalation'), escalation(box), ownValue(subject, 'escalationLevel') !== undefined);
  }
  if (isActivity || is(subject, 'bpmn:Event')) {
    add('parameters', say('In- och utdata', 'Inputs and outputs'), parameters(box), false);
    add('case', say('Vad ärendet får veta', 'What the case is told'), caseFacts(box), false);
  }
  add('others', say('Övriga egenskaper', 'Other properties'), others(box), false);
  return found;
}
