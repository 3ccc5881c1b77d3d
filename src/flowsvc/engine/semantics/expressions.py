"""What the elements ask of FEEL, with the variables they see; hides contexts and one crossing for many texts."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from flowsvc.domain.errors import EngineFault, ScriptFailed
from flowsvc.domain.values import Value, Variables
from flowsvc.engine.feel import Feel, FeelFault, Want
from flowsvc.engine.semantics.facts import Entry, Text
from flowsvc.engine.semantics.variables import Chain, ScopedVariables


class Expressions:
    """FEEL for one step: one time, the variables as they stand when asked."""

    def __init__(self, feel: Feel, variables: ScopedVariables, now: datetime) -> None:
        self._feel = feel
        self._variables = variables
        self._now = now

    def value(self, chain: Chain, source: str, *, want: Want = "any", also: Mapping[str, Value] | None = None) -> Value:
        """The value of a FEEL text seen from the chain, with more names over it."""
        return self._feel.evaluate(source, self._context(chain, also), now=self._now, want=want)

    def texts(self, chain: Chain, texts: Sequence[Text], *, also: Mapping[str, Value] | None = None) -> list[Value]:
        """The value of each text, literal or FEEL, in one crossing."""
        asked = [text.source for text in texts if text.is_feel]
        if not asked:
            return [text.source for text in texts]
        answers = iter(self._feel.evaluate_many(asked, self._context(chain, also), now=self._now, want="any"))
        found: list[Value] = []
        for text in texts:
            answer = next(answers) if text.is_feel else text.source
            if isinstance(answer, FeelFault):
                raise answer
            found.append(answer)
        return found

    def named(self, chain: Chain, entries: Sequence[Entry], *, also: Mapping[str, Value] | None = None) -> Variables:
        """The values by name, in one crossing; a fault names the entry."""
        if not entries:
            return {}
        try:
            leaves = [leaf for entry in entries for leaf in entry.leaves()]
            values = iter(self.texts(chain, leaves, also=also))
        except FeelFault as fault:
            raise _placed(fault, entries) from fault
        return {entry.name: entry.built(values) for entry in entries}

    def conditions(self, chain: Chain, sources: Sequence[str]) -> list[Callable[[], bool]]:
        """For each condition a function that says whether it holds, or raises; all asked in one crossing. Whoever stops
        at the first true one is not stopped by a fault behind it."""
        answers = self._feel.evaluate_many(sources, self._context(chain, None), now=self._now, want="bool")
        return [_Answer(answer) for answer in answers]

    def _context(self, chain: Chain, also: Mapping[str, Value] | None) -> Variables:
        context = self._variables.seen_from(chain)
        if also:
            context.update(also)
        return context


class _Answer:
    """One condition's answer, given when asked for."""

    def __init__(self, answer: "Value | FeelFault") -> None:
        self._answer = answer

    def __call__(self) -> bool:
        if isinstance(self._answer, FeelFault):
            raise self._answer
        return self._answer is True


def _placed(fault: FeelFault, entries: Sequence[Entry]) -> EngineFault:
    where = ", ".join(entry.name for entry in entries if any(leaf.is_feel for leaf in entry.leaves()))
    placed = type(fault)(f"{fault.message} Det gäller {where}.", name=fault.name, position=fault.position)
    return placed


def text_value(value: Value, *, what: str) -> str:
    """The value as text; nothing is empty. ScriptFailed for other kinds."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise ScriptFailed(f"{what} ska vara text.", names=(what,))


def text_list(value: Value, *, what: str) -> tuple[str, ...]:
    """The value as texts: a comma list, a list of texts or nothing. ScriptFailed for other kinds."""
    if isinstance(value, list):
        return tuple(text for each in value if (text := text_value(each, what=what)))
    return tuple(part for each in text_value(value, what=what).split(",") if (part := each.strip()))


def whole_number(value: Value, *, what: str, default: int) -> int:
    """The value as a whole number, the default for nothing. ScriptFailed for other kinds."""
    if value is None or value == "":
        return default
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError as error:
            raise ScriptFailed(f"{what} ska vara ett heltal.", names=(what,)) from error
    if isinstance(value, int | float) and not isinstance(value, bool) and value == int(value):
        return int(value)
    raise ScriptFailed(f"{what} ska vara ett heltal.", names=(what,))
