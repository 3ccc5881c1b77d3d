"""The tables, for SQLite and PostgreSQL alike. The instance's id is part of every hot table's key, so that the
tables can later be distributed by it. Names are the singular class names of the domain."""

from datetime import datetime

import sqlalchemy as sa

from flowsvc.store.types import Id, Json, UtcDateTime, plain_text

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(name: str = "id") -> "sa.Column[str]":
    return sa.Column(name, Id, primary_key=True)


def _text(name: str, *, default: str = "") -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _flag(name: str) -> "sa.Column[bool]":
    return sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false())


def _when(name: str) -> "sa.Column[datetime]":
    return sa.Column(name, UtcDateTime, nullable=False)


def _sort_at() -> "sa.Column[datetime]":
    """The due time, or the end of time where there is none: never empty, so that lists page on it alike."""
    return _when("sort_at")


def _partial(name: str, *columns: str, where: str) -> sa.Index:
    condition = sa.text(where)
    return sa.Index(name, *columns, postgresql_where=condition, sqlite_where=condition)


def _instance(*, primary: bool = True) -> "sa.Column[str]":
    to = sa.ForeignKey("process_instance.id")
    return sa.Column("instance_id", Id, to, primary_key=primary, nullable=False)


# What is deployed

deployment = sa.Table(
    "deployment",
    metadata,
    _key(),
    _text("name"),
    _text("note"),
    _text("deployed_by"),
    _when("deployed_at"),
)

definition = sa.Table(
    "definition",
    metadata,
    _key(),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("key", sa.String(200), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("deployment_id", Id, sa.ForeignKey("deployment.id"), nullable=False),
    _text("name"),
    _text("name_en"),
    _text("file_name"),
    sa.Column("source", sa.LargeBinary, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    _text("feel_hash"),
    _flag("shipped"),
    sa.Column("facts", Json, nullable=False),
    _when("deployed_at"),
    _text("deployed_by"),
    sa.UniqueConstraint("kind", "key", "version"),
)

model_draft = sa.Table(
    "model_draft",
    metadata,
    _key(),
    _text("name"),
    sa.Column("state", sa.String(16), nullable=False),
    _text("created_by"),
    _when("created_at"),
    _when("changed_at"),
    _text("note"),
    sa.Column("origin", plain_text(210), nullable=False, server_default=""),
    _text("submitted_by"),
    sa.Column("submitted_at", UtcDateTime),
    _text("submitted_sha256"),
    _text("approved_by"),
    sa.Column("approved_at", UtcDateTime),
    _text("approved_sha256"),
    _text("ended_by"),
    sa.Column("ended_at", UtcDateTime),
    _text("deployment_id"),
    sa.Index("ix_model_draft_state", "state", "changed_at"),
    sa.Index("ix_model_draft_origin", "origin"),
)

model_draft_file = sa.Table(
    "model_draft_file",
    metadata,
    sa.Column("draft_id", Id, sa.ForeignKey("model_draft.id"), primary_key=True),
    sa.Column("file_name", plain_text(120), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("source", sa.LargeBinary, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    _text("changed_by"),
    _when("changed_at"),
    sa.Column("based_on", Json, nullable=False),
)

model_draft_change = sa.Table(
    "model_draft_change",
    metadata,
    _key(),
    sa.Column("draft_id", Id, sa.ForeignKey("model_draft.id"), nullable=False),
    sa.Column("move", sa.String(16), nullable=False),
    _text("by"),
    _when("began_at"),
    _when("at"),
    _text("why"),
    sa.Column("file_name", plain_text(120), nullable=False, server_default=""),
    sa.Column("revision", sa.Integer, nullable=False, server_default="0"),
    _text("sha256"),
    sa.Column("source", sa.LargeBinary, nullable=False),
    sa.Index("ix_model_draft_change_draft", "draft_id", "at"),
)
"""The history of a draft; where a file was saved, with what it said, so that it can be taken back."""

# What runs

case_number = sa.Table(
    "case_number",
    metadata,
    sa.Column("series", sa.String(64), primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)

subject = sa.Table(
    "subject",
    metadata,
    _key(),
    _text("pseudonym"),
    sa.Column("key_id", Id),
    sa.Column("ciphertext", sa.LargeBinary),
    sa.Column("birth_month", sa.Date),
)

process_instance = sa.Table(
    "process_instance",
    metadata,
    _key(),
    sa.Column("definition_id", Id, sa.ForeignKey("definition.id"), nullable=False),
    sa.Column("process_key", sa.String(200), nullable=False),
    sa.Column("business_key", plain_text(200), nullable=False),
    _text("title"),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.LargeBinary, nullable=False),
    sa.Column("state_format", sa.Integer, nullable=False),
    sa.Column("pins", Json, nullable=False),
    _text("county"),
    sa.Column("agreement_version_id", Id),
    sa.Column("once_key", plain_text(200)),
    sa.Column("lead_party", Id),
    _text("started_by"),
    sa.Column("started_post", Id),
    _when("started_at"),
    sa.Column("ended_at", UtcDateTime),
    _text("end_state"),
    sa.Column("parent_instance", Id),
    sa.Column("parent_token", Id),
    sa.Column("subject_id", Id, sa.ForeignKey("subject.id")),
    _text("retention_class"),
    _flag("legal_hold"),
    _flag("child_waiting"),
    sa.Column("next_sequence", sa.BigInteger, nullable=False, server_default="1"),
    sa.UniqueConstraint("business_key"),
    # An index and not a constraint: SQLite would have to build the table anew to get one.
    sa.Index("uq_process_instance_once", "process_key", "once_key", unique=True),
    sa.Index("ix_process_instance_status", "status", "id"),
    sa.Index("ix_process_instance_key", "process_key", "status", "id"),
    sa.Index("ix_process_instance_parent", "parent_instance"),
    sa.Index("ix_process_instance_started_by", "started_by", "id"),
)

instance_party = sa.Table(
    "instance_party",
    metadata,
    _instance(),
    sa.Column("party_id", Id, primary_key=True),
    _text("role"),
    _text("registration_number"),
)

reader = sa.Table(
    "reader",
    metadata,
    _instance(),
    sa.Column("post_id", Id, primary_key=True),
    sa.Column("ground", sa.String(32), nullable=False),
    _when("since"),
    sa.Column("until", UtcDateTime),
    sa.Index("ix_reader_post", "post_id", "instance_id"),
)

follower = sa.Table(
    "follower",
    metadata,
    _instance(),
    sa.Column("person_id", Id, primary_key=True),
    _when("since"),
    sa.Index("ix_follower_person", "person_id", "instance_id"),
)

instance_link = sa.Table(
    "instance_link",
    metadata,
    _instance(),
    sa.Column("other_id", Id, sa.ForeignKey("process_instance.id"), primary_key=True),
    _text("reason"),
    sa.Column("person_id", Id, nullable=False),
    _when("at"),
    sa.Index("ix_instance_link_other", "other_id"),
)
"""Two instances that belong together, the one with the smaller id first."""

pause = sa.Table(
    "pause",
    metadata,
    _key(),
    _instance(),
    _when("began_at"),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("post_id", Id),
    _text("reason"),
    sa.Column("until", sa.Date),
    sa.Column("resumed_at", UtcDateTime),
    sa.Column("resumed_by", Id),
    sa.Index(
        "uq_pause_open",
        "instance_id",
        unique=True,
        postgresql_where=sa.text("resumed_at IS NULL"),
        sqlite_where=sa.text("resumed_at IS NULL"),
    ),
)

variable = sa.Table(
    "variable",
    metadata,
    _instance(),
    sa.Column("scope", Id, primary_key=True),
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("type", sa.String(16), nullable=False),
    sa.Column("value", Json),
    sa.Column("owner_party", Id),
    _text("set_by"),
    _when("set_at"),
)

user_task = sa.Table(
    "user_task",
    metadata,
    _key(),
    _instance(),
    sa.Column("token", Id, nullable=False),
    _text("element_id"),
    _text("process_key"),
    _text("name"),
    _text("name_en"),
    _text("lane"),
    sa.Column("party_id", Id),
    _text("scope"),
    sa.Column("form_definition_id", Id, sa.ForeignKey("definition.id")),
    _text("form_key"),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("assignee", Id),
    sa.Column("assigned_post", Id),
    _text("due_rule"),
    sa.Column("due_on", sa.Date),
    sa.Column("due_at", UtcDateTime),
    sa.Column("follow_up_at", UtcDateTime),
    sa.Column("priority", sa.Integer, nullable=False, server_default="50"),
    _flag("delivers_support"),
    sa.Column("properties", Json, nullable=False),
    _when("opened_at"),
    sa.Column("closed_at", UtcDateTime),
    sa.Column("closed_by", Id),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    _sort_at(),
    sa.UniqueConstraint("instance_id", "token"),
    _partial("ix_user_task_assignee", "assignee", "sort_at", "id", where="state = 'open'"),
    _partial("ix_user_task_open", "sort_at", "id", where="state = 'open'"),
)

task_candidate = sa.Table(
    "task_candidate",
    metadata,
    sa.Column("principal", plain_text(210), primary_key=True),
    sa.Column("task_id", Id, primary_key=True),
    sa.Column("instance_id", Id, primary_key=True),
    _sort_at(),
    _when("opened_at"),
    _flag("claimable"),
    sa.ForeignKeyConstraint(["task_id", "instance_id"], ["user_task.id", "user_task.instance_id"]),
    _partial("ix_task_candidate_claimable", "principal", "sort_at", "task_id", where="claimable"),
    sa.Index("ix_task_candidate_task", "task_id", "principal"),
)
"""One row per candidate post (`post:ID`) or group (`group:NAME`) of a task; kept when the task closes, as the
ground on which its candidates may read it. `claimable` holds while the task is open and nobody has it."""

submission = sa.Table(
    "submission",
    metadata,
    _key(),
    _instance(),
    sa.Column("task_id", Id),
    sa.Column("form_definition_id", Id, sa.ForeignKey("definition.id")),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("post_id", Id),
    sa.Column("on_behalf_of", Id),
    sa.Column("party_id", Id),
    _when("at"),
    sa.Column("replaces", Id),
    sa.Column("one_time_key", sa.String(64), nullable=False),
    sa.Column("shared_values", Json, nullable=False),
    sa.Column("own_values", Json, nullable=False),
    sa.UniqueConstraint("one_time_key"),
    sa.ForeignKeyConstraint(["task_id", "instance_id"], ["user_task.id", "user_task.instance_id"]),
    sa.Index("ix_submission_instance", "instance_id", "at", "id"),
    sa.Index("ix_submission_task", "task_id"),
)

draft = sa.Table(
    "draft",
    metadata,
    sa.Column("person_id", Id, primary_key=True),
    sa.Column("place", sa.String(120), primary_key=True),
    sa.Column("values", Json, nullable=False),
    _when("saved_at"),
    sa.Column("typed", Json, nullable=False),
)

attachment = sa.Table(
    "attachment",
    metadata,
    _key(),
    sa.Column("instance_id", Id, sa.ForeignKey("process_instance.id")),
    sa.Column("submission_id", Id),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("owner_party", Id),
    _text("name"),
    _text("content_type"),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    _when("at"),
    sa.Index("ix_attachment_instance", "instance_id", "id"),
    _partial("ix_attachment_unbound", "at", where="submission_id IS NULL"),
)

comment = sa.Table(
    "comment",
    metadata,
    _key(),
    _instance(primary=False),
    sa.Column("owner_party", Id),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("post_id", Id),
    _text("text"),
    _when("at"),
    sa.Index("ix_comment_instance", "instance_id", "at"),
)

job = sa.Table(
    "job",
    metadata,
    _key(),
    sa.Column("instance_id", Id, primary_key=True, server_default=""),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("token", plain_text(210), nullable=False),
    sa.Column("cycle", sa.Integer, nullable=False, server_default="0"),
    _text("element_id"),
    _text("process_key"),
    _when("due_at"),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("retries_left", sa.Integer, nullable=False),
    sa.Column("lease_until", UtcDateTime),
    _text("lease_owner"),
    sa.Column("fence", sa.Integer, nullable=False, server_default="0"),
    sa.Column("crashes", sa.Integer, nullable=False, server_default="0"),
    sa.Column("request", Json, nullable=False),
    _when("created_at"),
    _text("topic"),
    sa.UniqueConstraint("instance_id", "token", "cycle", "kind"),
    _partial("ix_job_due", "due_at", "id", where="state = 'waiting' AND kind <> 'external'"),
    _partial("ix_job_topic", "topic", "due_at", "id", where="state = 'waiting' AND kind = 'external'"),
    _partial("ix_job_lease", "lease_until", where="lease_until IS NOT NULL"),
)
"""A job without an instance (a timer start event) has the empty text for its id: a null would never be unique."""

message_subscription = sa.Table(
    "message_subscription",
    metadata,
    _instance(),
    sa.Column("token", Id, primary_key=True),
    _text("element_id"),
    _text("process_key"),
    _text("name"),
    sa.Column("message", sa.String(200), nullable=False),
    sa.Column("correlation_key", sa.String(200), nullable=False),
    _flag("interrupting"),
    sa.Column("properties", Json, nullable=False),
    _when("created_at"),
    sa.Index("ix_message_subscription_key", "message", "correlation_key"),
)

signal_subscription = sa.Table(
    "signal_subscription",
    metadata,
    _instance(),
    sa.Column("token", Id, primary_key=True),
    _text("element_id"),
    _text("process_key"),
    _text("name"),
    sa.Column("signal", sa.String(200), nullable=False),
    _flag("delivers_support"),
    _when("created_at"),
    sa.Index("ix_signal_subscription_signal", "signal", "instance_id"),
)

message = sa.Table(
    "message",
    metadata,
    _key(),
    _text("name"),
    _text("correlation_key"),
    _text("business_key"),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("sender_instance", Id),
    _text("element_id"),
    _text("process_key"),
    _when("sent_at"),
    _when("expires_at"),
    _partial("ix_message_waiting", "name", "correlation_key", "id", where="state = 'waiting'"),
)
"""A message, or what a signal brings one receiver, from its sending until it has been taken or has expired."""

message_variable = sa.Table(
    "message_variable",
    metadata,
    sa.Column("message_id", Id, sa.ForeignKey("message.id"), primary_key=True),
    sa.Column("name", sa.String(200), primary_key=True),
    sa.Column("value", Json),
)

data_store = sa.Table(
    "data_store",
    metadata,
    sa.Column("name", plain_text(200), primary_key=True),
    sa.Column("value", Json),
    sa.Column("version", sa.Integer, nullable=False),
    _when("changed_at"),
    _text("changed_by"),
    sa.Column("changed_by_instance", Id),
)

incident = sa.Table(
    "incident",
    metadata,
    _key(),
    sa.Column("instance_id", Id),
    sa.Column("job_id", Id),
    _text("token"),
    _text("element_id"),
    _text("process_key"),
    sa.Column("code", sa.String(64), nullable=False),
    _text("message"),
    sa.Column("names", Json, nullable=False),
    _when("at"),
    sa.Column("resolved_at", UtcDateTime),
    sa.Column("resolved_by", Id),
    _partial("ix_incident_open", "id", where="resolved_at IS NULL"),
    sa.Index("ix_incident_instance", "instance_id"),
)

event = sa.Table(
    "event",
    metadata,
    _instance(),
    sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
    _when("at"),
    sa.Column("happened", sa.String(24), nullable=False),
    _text("element_id"),
    _text("element_type"),
    _text("name"),
    _text("process_key"),
    _text("token"),
    sa.Column("person_id", Id),
    sa.Column("post_id", Id),
    sa.Column("on_behalf_of", Id),
    sa.Column("owner_party", Id),
    sa.Column("details", Json, nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
"""Append-only. `hash` is the SHA-256 of the canonical row and `previous_hash`: a chain per instance."""

# Escalations

escalation = sa.Table(
    "escalation",
    metadata,
    _instance(),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("visit", sa.Integer, nullable=False),
    _when("level_since"),
    sa.Column("lift_on", sa.Date),
    sa.Column("lift_at", UtcDateTime),
    sa.Column("state", sa.String(16), nullable=False),
    _text("outcome"),
    _flag("child_waiting"),
    sa.Column("interim_party", Id),
    sa.Column("interim_due_at", UtcDateTime),
    sa.Column("interim_secured_at", UtcDateTime),
    sa.Column("amount", sa.BigInteger),
    _when("opened_at"),
    sa.Column("closed_at", UtcDateTime),
    _sort_at(),
    sa.Index("ix_escalation_queue", "state", "sort_at", "instance_id"),
    sa.Index("ix_escalation_level", "state", "level", "level_since", "instance_id"),
)

escalation_answer = sa.Table(
    "escalation_answer",
    metadata,
    _instance(),
    sa.Column("party_id", Id, primary_key=True),
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("visit", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("posts", Json, nullable=False),
    sa.Column("due_on", sa.Date),
    sa.Column("due_at", UtcDateTime),
    sa.Column("given_at", UtcDateTime),
    sa.Column("silent_at", UtcDateTime),
)

proposal = sa.Table(
    "proposal",
    metadata,
    _instance(),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("party_id", Id, nullable=False),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("post_id", Id),
    _when("at"),
    sa.Column("submission_id", Id, nullable=False),
    sa.Column("monthly_cost", sa.BigInteger),
)

acceptance = sa.Table(
    "acceptance",
    metadata,
    _instance(),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("party_id", Id, primary_key=True),
    sa.Column("answer", sa.String(16), nullable=False),
    _flag("within_mandate"),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("post_id", Id),
    _when("at"),
    sa.Column("submission_id", Id, nullable=False),
)

# Who is who

directory_revision = sa.Table(
    "directory_revision",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("revision", sa.Integer, nullable=False),
)

party = sa.Table(
    "party",
    metadata,
    _key(),
    sa.Column("type", sa.String(32), nullable=False),
    _text("name"),
    _text("name_en"),
    _text("county"),
)

unit = sa.Table(
    "unit",
    metadata,
    _key(),
    sa.Column("party_id", Id, sa.ForeignKey("party.id"), nullable=False),
    sa.Column("parent_id", Id),
    _text("name"),
    _text("name_en"),
    _text("service"),
)

post = sa.Table(
    "post",
    metadata,
    _key(),
    sa.Column("unit_id", Id, sa.ForeignKey("unit.id"), nullable=False),
    _text("name"),
    _text("name_en"),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("roles", Json, nullable=False),
    sa.Column("groups", Json, nullable=False),
    sa.Column("cost_mandate", sa.BigInteger),
)

person = sa.Table(
    "person",
    metadata,
    _key(),
    sa.Column("username", sa.String(120), nullable=False, unique=True),
    _text("name"),
    _text("email"),
    sa.Column("language", sa.String(8), nullable=False, server_default="sv"),
    _flag("disabled"),
    sa.Column("password_hash", sa.Text),
    sa.Column("password_set_at", UtcDateTime),
)

assignment = sa.Table(
    "assignment",
    metadata,
    sa.Column("person_id", Id, sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("post_id", Id, sa.ForeignKey("post.id"), primary_key=True),
    sa.Column("from_on", sa.Date, primary_key=True),
    sa.Column("until_on", sa.Date),
    sa.Index("ix_assignment_post", "post_id"),
)

substitution = sa.Table(
    "substitution",
    metadata,
    sa.Column("post_id", Id, sa.ForeignKey("post.id"), primary_key=True),
    sa.Column("substitute_post_id", Id, sa.ForeignKey("post.id"), primary_key=True),
    sa.Column("order", sa.Integer, nullable=False, server_default="1"),
)

absence = sa.Table(
    "absence",
    metadata,
    sa.Column("person_id", Id, sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("from_on", sa.Date, primary_key=True),
    sa.Column("until_on", sa.Date, nullable=False),
)

closed_day = sa.Table(
    "closed_day",
    metadata,
    sa.Column("on", sa.Date, primary_key=True),
    _text("name"),
)

body = sa.Table(
    "body",
    metadata,
    _key(),
    sa.Column("kind", sa.String(32), nullable=False),
    _text("name"),
    _text("name_en"),
    sa.Column("party_id", Id),
    sa.Column("posts", Json, nullable=False),
    sa.Column("chair", Id),
    sa.Column("meetings", Json, nullable=False),
)

agreement = sa.Table(
    "agreement",
    metadata,
    _key(),
    _text("county"),
    _text("name"),
    _text("name_en"),
    sa.Column("processes", Json, nullable=False, server_default="[]"),
    sa.Column("bodies", Json, nullable=False, server_default="{}"),
    sa.Column("local_groups", Json, nullable=False, server_default="[]"),
    sa.Column("rhythm", Json),
    sa.Column("settings", Json, nullable=False, server_default="{}"),
    _flag("must_be_complete"),
)

agreement_version = sa.Table(
    "agreement_version",
    metadata,
    _key(),
    sa.Column("agreement_id", Id, sa.ForeignKey("agreement.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("valid_from", sa.Date),
    sa.Column("valid_until", sa.Date),
    _text("text"),
    _text("target_group"),
    _text("target_group_en"),
    sa.Column("youngest", sa.Integer),
    sa.Column("oldest", sa.Integer),
    sa.Column("clauses", Json, nullable=False, server_default="[]"),
    sa.UniqueConstraint("agreement_id", "number"),
)

agreement_adoption = sa.Table(
    "agreement_adoption",
    metadata,
    sa.Column("agreement_version_id", Id, sa.ForeignKey("agreement_version.id"), primary_key=True),
    sa.Column("party_id", Id, sa.ForeignKey("party.id"), primary_key=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("decided_on", sa.Date),
    _text("registration_number"),
    sa.Column("place", sa.Integer, nullable=False, server_default="0"),
    sa.Column("sectors", Json, nullable=False, server_default="[]"),
    sa.Column("registrar", Id),
    sa.Column("unit", Id),
)

agreement_change = sa.Table(
    "agreement_change",
    metadata,
    sa.Column("id", plain_text(200), primary_key=True),
    sa.Column("agreement_id", Id, sa.ForeignKey("agreement.id"), nullable=False),
    sa.Column("on", sa.Date, nullable=False),
    _text("text"),
    _text("text_en"),
    _text("made_by"),
    sa.Column("change_class", sa.String(16), nullable=False),
    sa.Column("version", sa.Integer),
    _text("decision"),
    sa.Column("instance_id", Id),
    sa.Index("ix_agreement_change_agreement", "agreement_id", "on"),
)

# Trials of drafts

model_trial = sa.Table(
    "model_trial",
    metadata,
    _key(),
    sa.Column("draft_id", Id, nullable=False),
    sa.Column("person_id", Id, nullable=False),
    _when("clock"),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("moves", sa.Integer, nullable=False),
    _when("created_at"),
    _when("used_at"),
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Index("uq_model_trial_person", "draft_id", "person_id", unique=True),
    sa.Index("ix_model_trial_used", "used_at"),
)
"""A draft being tried by one person: a whole database as bytes, the time in it, and how often it was moved on."""

# Sign-in, access, idempotence

session = sa.Table(
    "session",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("person_id", Id, sa.ForeignKey("person.id"), nullable=False),
    _when("created_at"),
    _when("seen_at"),
    _when("ends_at"),
    sa.Column("data", Json, nullable=False),
    sa.Index("ix_session_person", "person_id"),
)

calendar_feed = sa.Table(
    "calendar_feed",
    metadata,
    sa.Column("person_id", Id, sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    _when("created_at"),
)

sign_in_attempt = sa.Table(
    "sign_in_attempt",
    metadata,
    sa.Column("subject", sa.String(160), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    _when("last_at"),
)
"""Throttling of sign-in, per name and per address; a table because several processes share no memory."""

token = sa.Table(
    "token",
    metadata,
    _key(),
    sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
    _text("name"),
    sa.Column("scopes", Json, nullable=False),
    _when("created_at"),
    sa.Column("expires_at", UtcDateTime),
    sa.Column("revoked_at", UtcDateTime),
    _text("created_by"),
)

access_log = sa.Table(
    "access_log",
    metadata,
    _key(),
    _when("at"),
    sa.Column("person_id", Id, nullable=False),
    sa.Column("post_id", Id),
    sa.Column("on_behalf_of", Id),
    sa.Column("instance_id", Id),
    sa.Column("action", sa.String(32), nullable=False),
    sa.Column("ground", sa.String(32), nullable=False),
    sa.Column("items", Json, nullable=False),
    sa.Column("previous_hash", sa.String(64)),
    sa.Column("hash", sa.String(64)),
    sa.Index("ix_access_log_instance", "instance_id", "id"),
    sa.Index("ix_access_log_person", "person_id", "id"),
)

notice = sa.Table(
    "notice",
    metadata,
    sa.Column("id", plain_text(120), primary_key=True),
    _instance(),
    sa.Column("task_id", Id),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("principal", plain_text(210), nullable=False),
    _when("at"),
    sa.Column("told_at", UtcDateTime),
    sa.ForeignKeyConstraint(["task_id", "instance_id"], ["user_task.id", "user_task.instance_id"]),
    sa.Index("ix_notice_task", "task_id", "instance_id"),
    _partial("ix_notice_principal", "principal", "at", where="task_id IS NULL"),
    _partial("ix_notice_untold", "at", "id", where="told_at IS NULL"),
)
"""What is told from `at` on; written when it is known that it will be. One of a task is for the task's candidates or
its holder, as long as the task is open; any other for its principal. `told_at` is when mail was thought of."""

notice_seen = sa.Table(
    "notice_seen",
    metadata,
    sa.Column("notice_id", plain_text(120), primary_key=True),
    sa.Column("person_id", Id, primary_key=True),
    _when("at"),
)

preference = sa.Table(
    "preference",
    metadata,
    sa.Column("person_id", Id, sa.ForeignKey("person.id"), primary_key=True),
    sa.Column("mail", sa.String(16), nullable=False),
    sa.Column("digest_at", sa.Time, nullable=False),
    sa.Column("quiet_from", sa.Time, nullable=False),
    sa.Column("quiet_until", sa.Time, nullable=False),
    _flag("is_quiet_on_days_off"),
)

idempotency_key = sa.Table(
    "idempotency_key",
    metadata,
    sa.Column("principal", plain_text(120), primary_key=True),
    sa.Column("key", plain_text(200), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("answer", Json, nullable=False),
    _when("at"),
    sa.Index("ix_idempotency_key_at", "at"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    _key(),
    sa.Column("instance_id", Id),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("message", Json, nullable=False),
    _when("created_at"),
    sa.Column("sent_at", UtcDateTime),
    sa.Column("person_id", Id),
    sa.Column("notice_id", plain_text(120)),
    sa.Column("due_at", UtcDateTime),
    sa.Index("ix_outbox_unsent", "sent_at", "created_at"),
    # An index and not a constraint: SQLite would have to build the table anew to get one.
    sa.Index("uq_outbox_notice", "notice_id", "person_id", unique=True),
    _partial("ix_outbox_due", "person_id", "due_at", where="sent_at IS NULL"),
)
"""What leaves the machine. A mail has one row for each person and notice: never two, however often it is thought of."""

setting = sa.Table(
    "setting",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("value", Json, nullable=False),
)
"""What belongs to the database itself: whether it is a demonstration, how far its clock has been moved."""
