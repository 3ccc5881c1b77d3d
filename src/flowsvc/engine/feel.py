"""FEEL, the one expression language, in a process of its own; hides V8, limits, restarts and caches."""

import hashlib
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo

import orjson

from flowsvc.domain.errors import Misconfigured
from flowsvc.domain.values import Value, from_json, to_json
from flowsvc.engine.crossing import Crossing
from flowsvc.engine.decision_tree import DecisionTree, Shape
from flowsvc.engine.faults import (
    DecisionAmbiguous,
    FeelFault,
    FeelLimit,
    FeelMemory,
    FeelSyntax,
    FeelTimeout,
    FeelType,
    FeelUnavailable,
    FeelUnknownName,
    fault_of,
    texts_of,
)

__all__ = [
    "Answered",
    "Decision",
    "DecisionAmbiguous",
    "Feel",
    "FeelFault",
    "FeelIssue",
    "FeelLimit",
    "FeelMemory",
    "FeelSyntax",
    "FeelTimeout",
    "FeelType",
    "FeelUnavailable",
    "FeelUnknownName",
    "MatchedRule",
]

Kind: TypeAlias = Literal["expression", "unary"]
Answer: TypeAlias = "Value | FeelFault"
Want: TypeAlias = Literal["any", "bool", "number", "text", "date", "duration", "list"]

MAX_TEXT = 64_000
MAX_CONTEXT = 256_000
EXPRESSION_SECONDS = 0.2
DECISION_SECONDS = 1.0
MAX_CACHED = 5000

# Names of variables that change how a text is read, beside those that are no identifiers; evaluator.js has
# the same words.
_READ_OTHERWISE = frozenset(
    {
        "and",
        "context",
        "date",
        "days",
        "duration",
        "else",
        "every",
        "for",
        "function",
        "if",
        "in",
        "list",
        "some",
    }
    | {"then", "time", "years"}
)


@dataclass(frozen=True)
class FeelIssue:
    """Why a text cannot be read, and from which character to which."""

    message: str
    start: int
    end: int
    message_en: str = ""


@dataclass(frozen=True)
class MatchedRule:
    """A rule of a decision table that gave the answer; `index` counts from 1, as people do."""

    decision_key: str
    rule_id: str
    index: int


@dataclass(frozen=True)
class Decision:
    """What a decision answered, by which rules, and the names of the variables that it read."""

    value: Value
    matched: tuple[MatchedRule, ...]
    names: tuple[str, ...]


@dataclass(frozen=True)
class Answered:
    """What a decision answered as DMN has it: `value` is JSON with tagged temporals, as they are written. Each warning
    says why something in it is null."""

    value: object
    matched: tuple[MatchedRule, ...]
    warnings: tuple[FeelFault, ...]


class Feel:
    """Evaluates FEEL; one for a process, safe to share among threads.

    Its child process starts with the first question, after a fork anew, and ends with `close`, with this
    object or with this process, whichever comes first."""

    def __init__(self, *, bundle: Path | None = None, zone: str = "Europe/Stockholm") -> None:
        self._bundle = bundle or Path(__file__).with_name("feel.js")
        try:
            self.bundle_hash = hashlib.sha256(self._bundle.read_bytes()).hexdigest()
        except OSError as error:
            raise Misconfigured(
                f"FEEL saknas: {self._bundle.name} är inte byggd. Kör `python hatch_build.py` i källträdet, "
                "eller installera flowsvc på nytt."
            ) from error
        ZoneInfo(zone)
        self._crossing = Crossing(self._bundle.resolve(), zone)
        # Ends the child when nobody holds this object any longer, and when the process ends without `close`.
        weakref.finalize(self, self._crossing.close)
        self._reads = lru_cache(maxsize=MAX_CACHED)(self._ask_reads)
        self._decision_reads: dict[tuple[str, tuple[str, ...]], frozenset[str] | None] = {}

    def close(self) -> None:
        """The child process has ended; further questions raise FeelUnavailable."""
        self._crossing.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def check(
        self, text: str, *, kind: Kind = "expression", names: Sequence[str] | Shape = ()
    ) -> tuple[FeelIssue, ...]:
        """Why the text is not FEEL, if it is not. `names` are variables, at least those with odd names, and where it is
        a mapping also the names inside them."""
        body, offset = _stripped(text)
        if len(body) > MAX_TEXT:
            return (FeelIssue("Uttrycket är längre än 64 kB.", 0, len(text), "The expression is longer than 64 kB."),)
        request = {
            "op": "check",
            "kind": kind,
            "text": body,
            "names": dict(names) if isinstance(names, Mapping) else list(names),
        }
        try:
            troubles = self._crossing.ask(orjson.dumps(request), DECISION_SECONDS)
        except (FeelTimeout, FeelMemory):
            swedish, english = (
                "Uttrycket är för stort för att läsas.",
                "The expression is too large to be read.",
            )
            return (FeelIssue(swedish, 0, len(text), english),)
        return tuple(_issue(trouble, offset, len(text)) for trouble in troubles)

    def variables(self, text: str, *, kind: Kind = "expression", names: Sequence[str] = ()) -> tuple[str, ...]:
        """The top-level names that the text reads: no iterators, parameters or built-ins.

        FeelSyntax where it cannot be read."""
        body, _ = _stripped(text)
        reads = self._reads(kind, body, tuple(names))
        if reads is None:
            raise FeelSyntax("Uttrycket går inte att läsa som FEEL.")
        return tuple(name for name, is_builtin in reads if not is_builtin or name in names)

    def evaluate(self, text: str, context: Mapping[str, Value], *, now: datetime, want: Want = "any") -> Value:
        """The expression's value, of the kind wanted; else a FeelFault, never a stand-in such as false."""
        answer = self.evaluate_many((text,), context, now=now, want=want)[0]
        if isinstance(answer, FeelFault):
            raise answer
        return answer

    def evaluate_many(
        self, texts: Sequence[str], context: Mapping[str, Value], *, now: datetime, want: Want = "bool"
    ) -> tuple[Answer, ...]:
        """Each text's value or its fault, asked for in one crossing.

        Raises where the whole question failed: out of time or memory, too large, no child process."""
        stripped = [_stripped(text) for text in texts]
        bodies = [body for body, _ in stripped]
        request = {
            "op": "evaluate",
            "texts": bodies,
            "context": self._read_by(bodies, "expression", context),
            "now": _moment(now),
            "want": want,
        }
        seconds = min(EXPRESSION_SECONDS * len(texts), DECISION_SECONDS)
        answers = self._crossing.ask(_dump(request), seconds)
        return tuple(_value_or_fault(answer, offset) for answer, (_, offset) in zip(answers, stripped, strict=True))

    def unary_test(self, text: str, value: Value, context: Mapping[str, Value], *, now: datetime) -> bool:
        """Whether the value passes the test, as in a cell of a decision table; a null in it means no."""
        body, offset = _stripped(text)
        request = {
            "op": "unary",
            "text": body,
            "context": {**self._read_by([body], "unary", context), "?": value},
            "now": _moment(now),
        }
        answer = _value_or_fault(self._crossing.ask(_dump(request), EXPRESSION_SECONDS), offset)
        if isinstance(answer, FeelFault):
            raise answer
        return answer is True

    def decide(self, decision: DecisionTree, context: Mapping[str, Value], *, now: datetime) -> Decision:
        """The decision's answer, with what it requires, walked in one crossing. Strict, as processes need it: what is
        ill-typed or unknown is a FeelFault, and times are points in time."""
        odd = _odd_names(context)
        reads = self._reads_of(decision, odd)
        names = tuple(name for name in context if reads is None or name in reads)
        answer = self._decide(decision, odd, {"context": {name: context[name] for name in names}, "now": _moment(now)})
        return Decision(_held(answer["v"]["value"]), _rules(answer), names)

    def answer(self, decision: DecisionTree, variables: Mapping[str, object], *, now: datetime) -> Answered:
        """The decision's answer as DMN 1.5 has it: what is ill-typed or unknown is null and a warning. A FeelFault only
        where the decision cannot be walked at all. `variables` are JSON with tagged temporals; ISO texts do where the
        model declares the type. A business knowledge model or decision service takes its arguments by name."""
        request = {"context": dict(variables), "now": _moment(now), "lenient": True, "plain": True}
        answer = self._decide(decision, _odd_names(variables), request)
        return Answered(answer["v"]["value"], _rules(answer), tuple(fault_of(each) for each in answer["w"]))

    def _decide(self, decision: DecisionTree, odd: tuple[str, ...], request: dict[str, Any]) -> Any:
        # Loaded before it is asked, so that texts are parsed outside the time of the question.
        self._reads_of(decision, odd)
        body = _dump({"op": "decide", "id": decision.id, **request})
        answer = self._crossing.ask(body, DECISION_SECONDS)
        if answer.get("miss"):
            # A child that was started anew knows no decisions.
            self._load(decision, odd)
            answer = self._crossing.ask(body, DECISION_SECONDS)
        if "e" in answer:
            raise fault_of(answer["e"])
        return answer

    def _reads_of(self, decision: DecisionTree, odd: tuple[str, ...]) -> frozenset[str] | None:
        if (decision.id, odd) not in self._decision_reads:
            self._load(decision, odd)
        return self._decision_reads[decision.id, odd]

    def _load(self, decision: DecisionTree, odd: tuple[str, ...]) -> None:
        request = {"op": "load", "id": decision.id, "tree": decision.to_json(), "names": odd}
        names = self._crossing.ask(orjson.dumps(request), DECISION_SECONDS)["names"]
        if len(self._decision_reads) >= MAX_CACHED:
            self._decision_reads = {}
        self._decision_reads[decision.id, odd] = None if names is None else frozenset(names)

    def _ask_reads(self, kind: Kind, text: str, names: tuple[str, ...]) -> tuple[tuple[str, bool], ...] | None:
        request = {"op": "variables", "kind": kind, "text": text, "names": list(names)}
        answer = self._crossing.ask(orjson.dumps(request), EXPRESSION_SECONDS)
        return None if answer is None else tuple((name, is_builtin) for name, is_builtin in answer)

    def _read_by(self, texts: Sequence[str], kind: Kind, context: Mapping[str, Value]) -> dict[str, Value]:
        """Only what the texts name is sent; all, where one can only be read with the values at hand."""
        odd = _odd_names(context)
        needed: dict[str, Value] = {}
        for text in texts:
            if len(text) > MAX_TEXT:
                raise FeelLimit("Uttrycket är längre än 64 kB.")
            reads = self._reads(kind, text, odd)
            if reads is None:
                return dict(context)
            needed.update((name, context[name]) for name, _ in reads if name in context)
        return needed


def _stripped(text: str) -> tuple[str, int]:
    """The text without the `=` that Camunda 8 and form-js begin with, and how many characters were taken."""
    body = text.lstrip()
    if body.startswith("="):
        body = body[1:]
    return body, len(text) - len(body)


def _issue(trouble: Mapping[str, Any], offset: int, length: int) -> FeelIssue:
    start, end = trouble.get("from"), trouble.get("to")
    placed = {
        **trouble,
        "from": None if start is None else start + offset,
        "to": None if end is None else end + offset,
    }
    swedish, english = texts_of(placed)
    return FeelIssue(swedish, placed["from"] or 0, placed["to"] if end is not None else length, english)


def _value_or_fault(answer: Mapping[str, Any], offset: int) -> Answer:
    trouble = answer.get("e")
    if trouble is None:
        try:
            return _held(answer.get("v"))
        except FeelType as fault:
            return fault
    if trouble.get("from") is not None:
        trouble["from"] += offset
        trouble["to"] += offset
    return fault_of(trouble)


def _held(value: object) -> Value:
    """The value as a variable holds it; FeelType where none can, such as a date after the year 9999."""
    try:
        return from_json(value)
    except (ValueError, OverflowError):
        # Its text would hold the value.
        message = "Uttrycket ger ett datum eller en tidslängd som ingen variabel kan hålla (år 1 till 9999)."
        raise FeelType(message) from None


def _rules(answer: Mapping[str, Any]) -> tuple[MatchedRule, ...]:
    return tuple(MatchedRule(rule["decision"], rule["rule"], rule["index"]) for rule in answer["v"]["matched"])


def _moment(now: datetime) -> str:
    if now.tzinfo is None:
        raise ValueError("FEEL needs an aware now")
    return now.isoformat()


def _dump(request: dict[str, Any]) -> bytes:
    try:
        if not request.get("plain"):
            request["context"] = to_json(request["context"])
        body = orjson.dumps(request, option=orjson.OPT_STRICT_INTEGER)
    except TypeError as error:
        # orjson names the value in its message: it must not follow along.
        raise FeelType("En variabel har ett värde som FEEL inte kan hålla, till exempel ett för stort heltal.") from (
            None if "nteger" in str(error) else error
        )
    if len(body) > MAX_CONTEXT:
        raise FeelLimit("Variablerna som uttrycket läser är större än 256 kB tillsammans.")
    return body


def _odd_names(context: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(sorted(name for name in context if not name.isidentifier() or name in _READ_OTHERWISE))
