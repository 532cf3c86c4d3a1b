"""What the monitor finds in a call. `CallReport` is the one format: printed, stored, exported and shown.

Written out it carries `"schema": "heard.call/1"`. Times are seconds from the start of the call.
"""

from typing import Final, Literal

from pydantic import Field

from audio.facts import Fact, Layout, Quality, Sound, Span, Turn

SCHEMA: Final = "heard.call/1"

Role = Literal["agent", "customer"]
Verdict = Literal["missed", "late", "handled"]
Severity = Literal["critical", "minor"]
Outcome = Literal["resolved", "unresolved", "escalated"]
Topic = Literal["reason", "instruction", "refusal", "need"]
"""What a sentence that is counted across calls is: why the customer calls, an instruction that was followed already, a request
that was refused by rule or rank, a need that was voiced."""
ContactValue = Literal["leverage", "simplify", "automate", "eliminate"]

STANDALONE_KINDS: Final = frozenset(
    {
        "ownership",
        "offered_time",
        "used_name",
        "explained_cause",
        "offered_alternative",
        "confirmed_resolution",
        "proactive_information",
    }
)
"""Kinds that answer no opening: good service of its own accord, which the empathy rate does not count."""


class Channels(Fact):
    """Who was where. `agent` names the side that the agent was found on."""

    layout: Layout
    agent: Literal["left", "right", "first", "second"] | None = None
    role_confidence: float = 1.0


class ReadTurn(Turn):
    """A turn that has been understood: which acts it performs, how frustrated the customer is in it."""

    acts: dict[str, float] = Field(default_factory=dict)
    """Probability of each act that is likelier than not to matter (see MOMENTS: acts), 0 to 1."""
    frustration: float | None = None
    """0 to 1; None for the agent, whose feelings are never inferred."""


class Causes(Fact):
    """How much each kind of evidence moved the frustration level at a point, -1 to 1."""

    words: float = 0.0
    voice: float = 0.0
    turn_taking: float = 0.0
    background: float = 0.0


class FrustrationPoint(Fact):
    """The customer's frustration at a time, with an uncertainty band."""

    time_s: float
    level: float
    low: float
    high: float
    causes: Causes = Causes()


class Response(Fact):
    """What the agent did about an opening."""

    turn: int
    latency_s: float


class Moment(Span):
    """A span that a reviewer would want to hear: an opening and what became of it.

    `turn` is where the flag sits: the agent's turn that missed or met the opening.
    """

    kind: str
    verdict: Verdict
    severity: Severity
    turn: int | None
    confidence: float
    quote: str
    why: str
    opening_turn: int | None = None
    response: Response | None = None


class Mention(Fact):
    """A sentence that is worth counting across calls: what was asked for, ordered again, refused, needed."""

    topic: Topic
    turn: int
    start_s: float
    text: str
    vector: bytes
    """Its meaning: float32, of unit length."""


class Summary(Fact):
    """The call at a glance."""

    outcome: Outcome
    recovered: bool
    contact_value: ContactValue
    peak_frustration: float
    end_frustration: float
    critical_missed: int
    minor_missed: int
    handled: int
    empathy_rate: float | None
    """handled / (handled + missed); None where there was no opening at all."""
    effort: dict[str, int] = Field(default_factory=dict)
    """What the call cost the customer: repeat_contact, holds, transfers, repeats."""


class Provenance(Fact):
    """By what the report was made, so that a changed model or rule can be told."""

    heard: str
    models: dict[str, str]
    rules: str


class CallReport(Fact):
    """One analysed call."""

    schema_: Literal["heard.call/1"] = Field(default=SCHEMA, alias="schema")
    call_id: str
    source: str
    language: str
    duration_s: float
    channels: Channels
    turns: tuple[ReadTurn, ...]
    sounds: tuple[Sound, ...] = ()
    frustration: tuple[FrustrationPoint, ...] = ()
    moments: tuple[Moment, ...] = ()
    summary: Summary
    quality: Quality = Quality()
    provenance: Provenance

    def to_json(self, indent: int | None = None) -> str:
        """The report as JSON text, keyed as the schema says."""
        return self.model_dump_json(by_alias=True, indent=indent)
