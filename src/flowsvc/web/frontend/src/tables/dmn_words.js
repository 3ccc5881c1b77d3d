// Swedish for dmn-js: what it passes through its translate service, and the few labels that it writes as they are.
const SWEDISH = {
  '"value", "value", ...': '"värde", "värde" …',
  Activate: 'Aktivera',
  'Activate hand tool': 'Flytta vyn',
  'Activate lasso tool': 'Markera flera',
  'Add cell description': 'Lägg till beskrivning av cellen',
  'Add input': 'Lägg till indata',
  'Add input column left': 'Lägg till indatakolumn till vänster',
  'Add input column right': 'Lägg till indatakolumn till höger',
  'Add output': 'Lägg till utdata',
  'Add output column left': 'Lägg till utdatakolumn till vänster',
  'Add output column right': 'Lägg till utdatakolumn till höger',
  'Add parameter': 'Lägg till parameter',
  'Add predefined values': 'Lägg till fasta värden',
  'Add rule': 'Lägg till regel',
  'Add rule above': 'Lägg till regel ovanför',
  'Add rule below': 'Lägg till regel nedanför',
  'Add text annotation': 'Lägg till anteckning',
  'Add values': 'Lägg till värden',
  After: 'Efter',
  And: 'Och',
  Annotation: 'Anteckning',
  Annotations: 'Anteckningar',
  'Append business knowledge model': 'Lägg till kunskapsmodell efter',
  'Append decision': 'Lägg till beslut efter',
  'Append input data': 'Lägg till indata efter',
  'Append knowledge source': 'Lägg till kunskapskälla efter',
  Before: 'Före',
  Between: 'Mellan',
  'Boolean value': 'Ja eller nej',
  'Change cell expression language': 'Byt cellens uttrycksspråk',
  'Change type': 'Byt slag',
  'Clear predefined values': 'Rensa fasta värden',
  Collect: 'Samla alla',
  'Collect (Count)': 'Samla och räkna antalet',
  'Collect (Max)': 'Samla och ta det högsta',
  'Collect (Min)': 'Samla och ta det lägsta',
  'Collect (Sum)': 'Samla och summera',
  'Collects the values of all matching rules': 'Svaren från alla regler som träffar samlas i en lista',
  'Collects the values of all matching rules and counts the number of them': 'Antalet regler som träffar',
  'Collects the values of all matching rules and sums up to a single value': 'Summan av svaren från alla regler som träffar',
  'Collects the values of all matching rules and uses the highest value': 'Det högsta svaret av alla regler som träffar',
  'Collects the values of all matching rules and uses the lowest value': 'Det lägsta svaret av alla regler som träffar',
  'Collects the values of all matching rules in decreasing output priority order':
    'Svaren från alla regler som träffar, i utdatans rangordning',
  'Collects the values of all matching rules in rule order': 'Svaren från alla regler som träffar, i reglernas ordning',
  Comparison: 'Jämförelse',
  'Comparison operator': 'Jämförelsetecken',
  'Connect to other element': 'Koppla till något annat',
  'Copy input column': 'Kopiera indatakolumn',
  'Copy output column': 'Kopiera utdatakolumn',
  'Copy rule': 'Kopiera regel',
  'Create decision': 'Nytt beslut',
  'Create input data': 'Ny indata',
  'Create knowledge model': 'Ny kunskapsmodell',
  'Create knowledge source': 'Ny kunskapskälla',
  'Custom values': 'Egna värden',
  'Cut input column': 'Klipp ut indatakolumn',
  'Cut output column': 'Klipp ut utdatakolumn',
  'Cut rule': 'Klipp ut regel',
  Date: 'Datum',
  'Date and time': 'Datum och klockslag',
  'Date and time must match pattern yyyy-MM-ddTHH:mm:ss[time zone]': 'Skriv datum och klockslag som åååå-mm-ddTtt:mm:ss och tidszon',
  'Date and time value': 'Datum och klockslag',
  'Date must match pattern yyyy-MM-dd': 'Skriv datumet som åååå-mm-dd',
  'Date value': 'Datum',
  'Decision name': 'Beslutets namn',
  'Decision name: ': 'Beslutets namn: ',
  'Decision table': 'Beslutstabell',
  'Decision table context menu': 'Meny för beslutstabellen',
  'Definition ID': 'Filens id',
  'Definition name': 'Filens namn',
  Delete: 'Ta bort',
  'Duration value': 'Tidslängd',
  Edit: 'Ändra',
  'Edit boolean': 'Ändra ja eller nej',
  'Edit date': 'Ändra datum',
  'Edit date and time': 'Ändra datum och klockslag',
  'Edit duration': 'Ändra tidslängd',
  'Edit end date': 'Ändra slutdatum',
  'Edit end date and time': 'Ändra slutdatum och klockslag',
  'Edit end time': 'Ändra sluttid',
  'Edit formal parameters': 'Ändra parametrar',
  'Edit function kind': 'Ändra slag av funktion',
  'Edit input': 'Ändra indata',
  'Edit number': 'Ändra tal',
  'Edit output': 'Ändra utdata',
  'Edit start date': 'Ändra startdatum',
  'Edit start date and time': 'Ändra startdatum och klockslag',
  'Edit start time': 'Ändra starttid',
  'Edit string': 'Ändra text',
  'Edit time': 'Ändra klockslag',
  'Editing not supported for set expression language': 'Det valda uttrycksspråket går inte att ändra i här',
  'Element name': 'Namn',
  'Element must have ID.': 'Skriv ett id.',
  'Element must have unique ID.': 'Id:t används redan.',
  Empty: 'Tomt',
  'End date': 'Slutdatum',
  'End date and time': 'Slutdatum och klockslag',
  'End time': 'Sluttid',
  'End value': 'Slutvärde',
  'Enter expression': 'Skriv uttryck',
  Equals: 'Lika med',
  Exactly: 'Exakt',
  Exclude: 'Utom',
  Expression: 'Uttryck',
  'Expression language': 'Uttrycksspråk',
  'Expression language:': 'Uttrycksspråk:',
  'Expression language: {expressionLanguageLabel}': 'Uttrycksspråk: {expressionLanguageLabel}',
  'Expression of type ': 'Uttryck av slaget ',
  First: 'Första',
  'Formal parameters': 'Parametrar',
  'Function kind: {kind}': 'Slag av funktion: {kind}',
  Greater: 'Större än',
  'Greater or equals': 'Större än eller lika med',
  'Hit policy': 'Träffregel',
  'Hit policy:': 'Träffregel:',
  Include: 'Inklusive',
  Input: 'Indata',
  'Input expression': 'Uttryck för indata',
  'Input expression: ': 'Uttryck för indata: ',
  'Input label': 'Rubrik för indata',
  'Input label: ': 'Rubrik för indata: ',
  'Input type': 'Indatas typ',
  'Id must be a valid QName.': 'Id:t får bara ha bokstäver, siffror, punkt, bindestreck och understreck.',
  'Id must not contain prefix.': 'Id:t får inte ha kolon.',
  'Id must not contain spaces.': 'Id:t får inte ha blanksteg.',
  'Input values': 'Indatas värden',
  Kind: 'Slag',
  Less: 'Mindre än',
  'Less or equals': 'Mindre än eller lika med',
  'Literal Expression': 'Uttryck',
  'Literal expression': 'Uttryck',
  'Literal expression editor': 'Redigerare för uttrycket',
  'Match none': 'Inget av dem',
  'Match one': 'Ett av dem',
  'Move Input': 'Flytta indata',
  'Move Output': 'Flytta utdata',
  'Move rule': 'Flytta regel',
  'Must match PnDTnH': 'Skriv till exempel P1DT2H',
  'Must match PnYnM': 'Skriv till exempel P1Y2M',
  No: 'Nej',
  'No overlap is possible and all rules are disjoint. Only a single rule can be matched':
    'Reglerna överlappar inte. Bara en regel kan träffa',
  'No values': 'Inga värden',
  'Open boxed expression': 'Öppna uttrycket',
  'Open decision table': 'Öppna beslutstabellen',
  'Open literal expression': 'Öppna uttrycket',
  Output: 'Utdata',
  'Output label': 'Rubrik för utdata',
  'Output label: ': 'Rubrik för utdata: ',
  'Output name': 'Utdatas namn',
  'Output name: ': 'Utdatas namn: ',
  'Output order': 'Utdatas ordning',
  'Output type': 'Utdatas typ',
  'Output values': 'Utdatas värden',
  'Paste input column left': 'Klistra in indatakolumn till vänster',
  'Paste input column right': 'Klistra in indatakolumn till höger',
  'Paste output column left': 'Klistra in utdatakolumn till vänster',
  'Paste output column right': 'Klistra in utdatakolumn till höger',
  'Paste rule above': 'Klistra in regel ovanför',
  'Paste rule below': 'Klistra in regel nedanför',
  'Predefined values': 'Fasta värden',
  Priority: 'Rangordning',
  Range: 'Intervall',
  'Range end operator': 'Intervallets slut, tecken',
  'Range end value': 'Intervallets slut',
  'Range start operator': 'Intervallets början, tecken',
  'Range start value': 'Intervallets början',
  'Remove cell description': 'Ta bort beskrivningen av cellen',
  'Remove input column': 'Ta bort indatakolumn',
  'Remove item': 'Ta bort',
  'Remove output column': 'Ta bort utdatakolumn',
  'Remove parameter': 'Ta bort parameter',
  'Remove rule': 'Ta bort regel',
  Resize: 'Ändra bredden',
  Result: 'Resultat',
  'Rule order': 'Reglernas ordning',
  'Rules may overlap. The first matching rule will be chosen': 'Regler får överlappa. Den första som träffar väljs',
  'Rules may overlap. The one with the highest priority will be chosen': 'Regler får överlappa. Den med högst rang väljs',
  'Rules may overlap. Their output have to match': 'Regler får överlappa, men då ska deras svar vara lika',
  'Search in diagram': 'Sök i diagrammet',
  'Set date': 'Ange datum',
  'Set date and time': 'Ange datum och klockslag',
  'Set duration': 'Ange tidslängd',
  'Set time': 'Ange klockslag',
  'Set value': 'Ange värde',
  'Start date': 'Startdatum',
  'Start date and time': 'Startdatum och klockslag',
  'Start time': 'Starttid',
  'Start value': 'Startvärde',
  'String value': 'Text',
  'Strings must be in double quotes': 'Text ska stå inom citattecken (")',
  'Test type': 'Slag av jämförelse',
  Then: 'Så',
  Time: 'Klockslag',
  'Time must match pattern hh:mm:ss[time zone]': 'Skriv klockslaget som tt:mm:ss och tidszon',
  'Time value': 'Klockslag',
  Type: 'Typ',
  Unique: 'Bara en',
  'Use now': 'Använd nu',
  'Use today': 'Använd dagens datum',
  Value: 'Värde',
  Values: 'Värden',
  'Variable name': 'Variabelns namn',
  'Variable name:': 'Variabelns namn:',
  'Variable type': 'Variabelns typ',
  'Variable type:': 'Variabelns typ:',
  'View DRD': 'Visa beslutsdiagram',
  When: 'När',
  Yes: 'Ja',
  Any: 'Vilken som helst',
  boolean: 'ja/nej',
  date: 'datum',
  dateTime: 'datum och klockslag',
  dayTimeDuration: 'dagar och tid',
  'e.g. { example } ': 't.ex. { example } ',
  'e.g. { sample }': 't.ex. { sample }',
  name: 'namn',
  number: 'tal',
  string: 'text',
  time: 'klockslag',
  'years and months duration': 'år och månader',
  'days and time duration': 'dagar och tid',
  yearMonthDuration: 'år och månader',
};

// dmn-js writes "{ sample }" with spaces, which its own translate service leaves as it is.
function fill(text, values) {
  return text.replace(/{\s*([^}\s]+)\s*}/g, (found, name) => values?.[name] ?? found);
}

function translator(swedish) {
  return (text, values) => fill((swedish && SWEDISH[text]) || text, values);
}

// The module that gives every view of dmn-js its words in the page's language.
export function translations(language) {
  const translate = translator(language === 'sv');
  return { translate: ['value', translate] };
}

// Labels that dmn-js writes without asking, by the places where they stand: nothing that people wrote stands there.
const PLACES = ['h4.dms-heading', '.element-variable > h2', '.element-variable h2', '.formal-parameters h3'];
const ATTRIBUTES = ['aria-label', 'title', 'placeholder', 'label'];

function mend(root, isSwedish) {
  for (const each of root.querySelectorAll('th.index-column:empty')) {
    each.ariaLabel = isSwedish ? 'Regel' : 'Rule';
    each.append(Object.assign(document.createElement('span'), { className: 'unseen', textContent: each.ariaLabel }));
  }
  if (!isSwedish) {
    return;
  }
  for (const name of ATTRIBUTES) {
    for (const each of root.querySelectorAll(`[${name}]`)) {
      const said = SWEDISH[each.getAttribute(name)];
      if (said) {
        each.setAttribute(name, said);
      }
    }
  }
  for (const each of root.querySelectorAll(PLACES.join(','))) {
    const said = SWEDISH[each.textContent];
    if (said && each.childElementCount === 0) {
      each.textContent = said;
    }
  }
}

// Whatever dmn-js draws in the container without asking for its words has them too.
export function watchWords(container, language) {
  const isSwedish = language === 'sv';
  new MutationObserver(() => mend(container, isSwedish)).observe(container, { childList: true, subtree: true });
  mend(container, isSwedish);
}
