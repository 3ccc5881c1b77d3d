"""The words of comparisons: what elements, attributes and lengths of time are called by people who own processes."""

import re
from collections.abc import Mapping

from flowsvc.engine.comparing.facts import Words, plain
from flowsvc.engine.periods import parse_period

TYPES: Mapping[str, Words] = {
    "adHocSubProcess": ("Delprocess i valfri ordning", "Subprocess in any order"),
    "association": ("Streckad linje", "Association"),
    "boundaryEvent": ("Händelse på kanten", "Boundary event"),
    "businessKnowledgeModel": ("Kunskapsmodell", "Business knowledge model"),
    "businessRuleTask": ("Beslutstabell", "Decision"),
    "callActivity": ("Anropad process", "Called process"),
    "collaboration": ("Samarbete", "Collaboration"),
    "complexGateway": ("Sammansatt vägval", "Complex gateway"),
    "dataObject": ("Dataobjekt", "Data object"),
    "dataObjectReference": ("Dataobjekt i ritningen", "Data object as drawn"),
    "dataStore": ("Datalager", "Data store"),
    "dataStoreReference": ("Datalager i ritningen", "Data store as drawn"),
    "decision": ("Beslut", "Decision"),
    "decisionService": ("Beslutstjänst", "Decision service"),
    "endEvent": ("Slut", "End"),
    "error": ("Fel", "Error"),
    "escalation": ("Eskalering", "Escalation"),
    "eventBasedGateway": ("Väntar på det som sker först", "Waits for what happens first"),
    "exclusiveGateway": ("Vägval", "Choice"),
    "group": ("Grupp i ritningen", "Group as drawn"),
    "inclusiveGateway": ("Vägval, en eller flera", "Choice of one or more"),
    "inputData": ("Indata", "Input data"),
    "intermediateCatchEvent": ("Väntar", "Waits"),
    "intermediateThrowEvent": ("Händelse", "Event"),
    "itemDefinition": ("Datatyp", "Item definition"),
    "knowledgeSource": ("Kunskapskälla", "Knowledge source"),
    "lane": ("Bana", "Lane"),
    "manualTask": ("Görs för hand", "Done by hand"),
    "message": ("Meddelande", "Message"),
    "messageFlow": ("Meddelandeflöde", "Message flow"),
    "parallelGateway": ("Parallella grenar", "Parallel branches"),
    "participant": ("Pool", "Pool"),
    "process": ("Process", "Process"),
    "receiveTask": ("Väntar på meddelande", "Waits for a message"),
    "scriptTask": ("Uträkning", "Script"),
    "sendTask": ("Sänder meddelande", "Sends a message"),
    "sequenceFlow": ("Flöde", "Flow"),
    "serviceTask": ("Automatiskt steg", "Automatic step"),
    "signal": ("Signal", "Signal"),
    "startEvent": ("Start", "Start"),
    "subProcess": ("Delprocess", "Subprocess"),
    "task": ("Moment", "Activity"),
    "textAnnotation": ("Anteckning", "Note"),
    "transaction": ("Transaktion", "Transaction"),
    "userTask": ("Uppgift", "Task"),
}
TRIGGERS: Mapping[str, Words] = {
    "cancel": ("Avbryter", "Cancels"),
    "compensate": ("Gör ogjort", "Undoes"),
    "conditional": ("Villkor", "Condition"),
    "error": ("Fel", "Error"),
    "escalation": ("Eskalering", "Escalation"),
    "link": ("Länk", "Link"),
    "message": ("Meddelande", "Message"),
    "signal": ("Signal", "Signal"),
    "terminate": ("Avslutar allt", "Terminates"),
    "timer": ("Tid", "Time"),
}
LABELS: Mapping[str, Words] = {
    "@name": ("Namn", "Name"),
    "@attachedToRef": ("Sitter på", "Stands on"),
    "@calledElement": ("Anropad process", "Called process"),
    "@cancelActivity": ("Avbryter aktiviteten", "Interrupts the activity"),
    "@default": ("Väg när inget villkor stämmer", "Way when no condition is true"),
    "@errorRef": ("Fel", "Error"),
    "@escalationRef": ("Eskalering", "Escalation"),
    "@isExecutable": ("Kan köras", "Executable"),
    "@isForCompensation": ("Gör ogjort", "Is for compensation"),
    "@isInterrupting": ("Avbryter det andra", "Interrupts the rest"),
    "@messageRef": ("Meddelande", "Message"),
    "@processRef": ("Process", "Process"),
    "@scriptFormat": ("Skriptspråk", "Script language"),
    "@signalRef": ("Signal", "Signal"),
    "@sourceRef": ("Från", "From"),
    "@targetRef": ("Till", "To"),
    "@triggeredByEvent": ("Startas av en händelse", "Started by an event"),
    "@camunda:assignee": ("Görs av", "Done by"),
    "@camunda:calledElementBinding": ("Version av den anropade processen", "Version of the called process"),
    "@camunda:candidateGroups": ("Grupper som kan göra den", "Groups that can do it"),
    "@camunda:candidateStarterGroups": ("Grupper som kan starta den", "Groups that can start it"),
    "@camunda:candidateUsers": ("Personer som kan göra den", "People who can do it"),
    "@camunda:collection": ("En för varje i", "One for each in"),
    "@camunda:decisionRef": ("Beslutstabell", "Decision table"),
    "@camunda:decisionRefBinding": ("Version av beslutstabellen", "Version of the decision table"),
    "@camunda:dueDate": ("Ska vara klar", "Due"),
    "@camunda:elementVariable": ("Var och en kallas", "Each is called"),
    "@camunda:followUpDate": ("Följs upp", "Follow-up"),
    "@camunda:formKey": ("Blankett", "Form"),
    "@camunda:formRef": ("Blankett", "Form"),
    "@camunda:formRefBinding": ("Version av blanketten", "Version of the form"),
    "@camunda:historyTimeToLive": ("Historiken sparas", "History is kept"),
    "@camunda:initiator": ("Den som startar kallas", "Who starts it is called"),
    "@camunda:mapDecisionResult": ("Svaret från beslutstabellen", "Answer of the decision table"),
    "@camunda:priority": ("Prioritet", "Priority"),
    "@camunda:resultVariable": ("Resultatet kallas", "The result is called"),
    "@camunda:topic": ("Ämne för extern uppgift", "Topic of the external task"),
    "@camunda:type": ("Utförs som", "Done as"),
    "@camunda:versionTag": ("Versionsmärke", "Version tag"),
    "multiInstanceLoopCharacteristics@isSequential": ("En i taget", "One at a time"),
    "error@errorCode": ("Felkod", "Error code"),
    "escalation@escalationCode": ("Eskaleringskod", "Escalation code"),
    "activationCondition#": ("Öppnas när", "Opens when"),
    "completionCondition#": ("Klar när", "Done when"),
    "condition#": ("Villkor", "Condition"),
    "conditionExpression#": ("Villkor", "Condition"),
    "documentation#": ("Beskrivning", "Description"),
    "loopCardinality#": ("Antal gånger", "Number of times"),
    "loopCondition#": ("Upprepas så länge", "Repeated as long as"),
    "loopDataInputRef#": ("En för varje i", "One for each in"),
    "loopDataOutputRef#": ("Samlas i", "Collected in"),
    "script#": ("Räknar ut", "Works out"),
    "text#": ("Text", "Text"),
    "timeCycle#": ("Upprepas", "Repeated"),
    "timeDate#": ("Tidpunkt", "Time"),
    "timeDuration#": ("Väntetid", "Waiting time"),
    "description#": ("Beskrivning", "Description"),
    "annotation#": ("Anteckning", "Annotation"),
    "@hitPolicy": ("Träffregel", "Hit policy"),
    "@aggregation": ("Sammanställning", "Aggregation"),
    "@label": ("Rubrik", "Label"),
    "@typeRef": ("Typ", "Type"),
    "input@camunda:inputVariable": ("Kallas", "Is called"),
    "output@name": ("Kallas", "Is called"),
    "variable@name": ("Svaret kallas", "The answer is called"),
    "variable@typeRef": ("Svarets typ", "Type of the answer"),
    "inputExpression/text#": ("Uttryck", "Expression"),
    "literalExpression/text#": ("Uttryck", "Expression"),
    "inputValues/text#": ("Tillåtna värden", "Allowed values"),
    "outputValues/text#": ("Möjliga värden", "Possible values"),
    "defaultOutputEntry/text#": ("Värde när ingen rad stämmer", "Value when no row matches"),
    "@requiredDecision": ("Bygger på beslutet", "Requires the decision"),
    "@requiredInput": ("Bygger på indata", "Requires the input"),
}
"""By `element@attribute` or `@attribute`, and by `element#` for what an element says as text."""
PROPERTIES: Mapping[str, Words] = {
    "agreement": ("Överenskommelse", "Agreement"),
    "amount": ("Belopp", "Amount"),
    "answerWithin": ("Svar inom", "Answer within"),
    "answers": ("Besvarar", "Answers"),
    "awaited": ("Väntar in det", "Waits for it"),
    "caseType": ("Ärendetyp", "Type of case"),
    "childWaiting": ("Barn väntar", "Child waits"),
    "connector": ("Koppling", "Connector"),
    "correlationKey": ("Nyckel för meddelandet", "Key of the message"),
    "deliversSupport": ("Hör till stödet och stannar aldrig", "Belongs to the support and never stops"),
    "documentation:en": ("Beskrivning på engelska", "Description in English"),
    "documents": ("Dokument", "Documents"),
    "endState": ("Ärendet slutar som", "The case ends as"),
    "errorCode": ("Felkod", "Error code"),
    "escalationCode": ("Eskaleringskod", "Escalation code"),
    "escalationKind": ("Eskaleringens slag", "Kind of escalation"),
    "escalationLevel": ("Eskaleringsnivå", "Escalation level"),
    "escalationOutcome": ("Eskaleringens utfall", "Outcome of the escalation"),
    "function": ("Funktion", "Function"),
    "interimWithin": ("Tillfälligt ansvar inom", "Interim responsibility within"),
    "name:en": ("Namn på engelska", "Name in English"),
    "offer": ("Erbjuds som", "Offered as"),
    "offer:en": ("Erbjuds på engelska som", "Offered in English as"),
    "offerForm": ("Blankett när det väljs", "Form when it is chosen"),
    "offerTo": ("Erbjuds", "Offered to"),
    "once": ("Bara en gång", "Once only"),
    "owesAnswer": ("Ska svara", "Owes an answer"),
    "ownCase": ("Eget ärende", "Case of its own"),
    "parties": ("Parter", "Parties"),
    "party": ("Part", "Party"),
    "timeToLive": ("Meddelandet väntar", "The message waits"),
    "variables": ("Uppgifter utifrån", "Variables from outside"),
}
"""Our own properties, without `flowsvc:`."""
TIMES = frozenset(
    {
        "@camunda:dueDate",
        "@camunda:followUpDate",
        "@camunda:historyTimeToLive",
        "answerWithin",
        "interimWithin",
        "timeCycle#",
        "timeDuration#",
        "timeToLive",
    }
)
"""Labels and properties whose values are lengths of time."""

_QUOTED = re.compile(r'=\s*(?:duration\(\s*)?"([PR][^"]*)"\s*\)?')
_REPEATED = re.compile(r"R(\d*)/(P[^/]*)")
_TRUTHS: Mapping[str, Words] = {"true": ("ja", "yes"), "false": ("nej", "no")}
_EMPTY: Words = ("(tomt)", "(empty)")


def shown(name: str, value: str) -> Words:
    """The value as people read it, under the label or property of that name."""
    if not value:
        return _EMPTY
    return (in_words(value) if name in TIMES else None) or _TRUTHS.get(value) or plain(value)


def in_words(text: str) -> Words | None:
    """The length of time in words: P5BD is 5 arbetsdagar. None for what is no plain length of time."""
    quoted = _QUOTED.fullmatch(text.strip())
    written = quoted[1] if quoted else text.strip()
    if repeated := _REPEATED.fullmatch(written):
        length = in_words(repeated[2])
        if length is None:
            return None
        if repeated[1]:
            return f"{repeated[1]} gånger, med {length[0]} emellan", f"{repeated[1]} times, {length[1]} apart"
        return f"om och om igen, med {length[0]} emellan", f"again and again, {length[1]} apart"
    try:
        period = parse_period(written)
    except (ValueError, OverflowError):
        return None
    seconds = period.exact.total_seconds()
    if seconds < 0 or min(period.months, period.days, period.working_days) < 0 or seconds != int(seconds):
        return None
    minutes, rest = divmod(int(seconds), 60)
    counted = [
        (period.months // 12, _YEAR),
        (period.months % 12, _MONTH),
        (period.working_days, _WORKING_DAY),
        (period.days, _DAY),
        (minutes // 60, _HOUR),
        (minutes % 60, _MINUTE),
        (rest, _SECOND),
    ]
    parts = [(f"{n} {words[n != 1]}", f"{n} {words[2 + (n != 1)]}") for n, words in counted if n]
    return (" ".join(each[0] for each in parts), " ".join(each[1] for each in parts)) if parts else None


_YEAR = ("år", "år", "year", "years")
_MONTH = ("månad", "månader", "month", "months")
_WORKING_DAY = ("arbetsdag", "arbetsdagar", "working day", "working days")
_DAY = ("dag", "dagar", "day", "days")
_HOUR = ("timme", "timmar", "hour", "hours")
_MINUTE = ("minut", "minuter", "minute", "minutes")
_SECOND = ("sekund", "sekunder", "second", "seconds")
