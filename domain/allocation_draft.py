"""AllocationDraft: what a person means to pay from a payment's rest on account, kept until it is committed or discarded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from domain.aggregate import Aggregate, natural_id
from domain.refusal import Kind, Refusal
from domain.remittance import RemittanceItem

DRAFT_ENDED = Refusal(
    "allocation_draft.ended",
    "Draft {draft} was {how} and is kept as it was. Save the allocation anew to begin another one.",
    Kind.CONFLICT,
)
NOTHING_DRAFTED = Refusal("allocation_draft.empty", "Draft {draft} holds no items. Save what is to be paid, or discard it.")
ANOTHER_S_DRAFT = Refusal(
    "allocation_draft.another_s",
    "Draft {draft} is {owner}'s; {actor} may read it. Save a draft of your own, or ask {owner} to commit it.",
    Kind.FORBIDDEN,
)


@dataclass(frozen=True)
class Conflict:
    """A document of a draft that is no longer as it was when the draft was saved."""

    reference: str
    seen: Decimal
    open: Decimal
    used_by: tuple[str, ...]


def conflicts(seen: Mapping[str, Decimal], now: Mapping[str, Decimal], used_by: Mapping[str, tuple[str, ...]]) -> list[Conflict]:
    """By reference: what was open when the draft was saved and is not so any more; 0 where the document is gone."""
    found = []
    for reference, was in seen.items():
        is_open = now.get(reference, Decimal(0))
        if is_open != was:
            found.append(Conflict(reference, was, is_open, used_by.get(reference, ())))
    return found


@dataclass
class AllocationDraftState:
    settlement: str
    owner: str
    items: tuple[RemittanceItem, ...]
    seen: dict[str, Decimal]
    note: str
    ended: str = ""  # COMMITTED or DISCARDED


class AllocationDraft(Aggregate[AllocationDraftState]):
    """One person's draft for one settlement. Its history stays: a draft that ended is begun anew by saving it again."""

    KIND = "allocation-draft"
    STATE = AllocationDraftState
    STATE_VERSION = 1

    class Begun(Aggregate.Created):
        """``seen``: by reference, what was open of a document when this was saved."""

        TYPE = "allocation_draft.begun/1"
        settlement: str
        owner: str
        items: tuple[RemittanceItem, ...]
        seen: dict[str, Decimal]
        note: str

        def apply(self, draft: AllocationDraft) -> None:
            draft.state = AllocationDraftState(self.settlement, self.owner, self.items, self.seen, self.note)

    class Saved(Aggregate.Event):
        """The draft as it is meant now; a draft that had ended begins anew."""

        TYPE = "allocation_draft.saved/1"
        items: tuple[RemittanceItem, ...]
        seen: dict[str, Decimal]
        note: str

        def apply(self, draft: AllocationDraft) -> None:
            state = draft.state
            state.items, state.seen, state.note, state.ended = self.items, self.seen, self.note, ""

    class Committed(Aggregate.Event):
        TYPE = "allocation_draft.committed/1"

        def apply(self, draft: AllocationDraft) -> None:
            draft.state.ended = "COMMITTED"

    class Discarded(Aggregate.Event):
        TYPE = "allocation_draft.discarded/1"

        def apply(self, draft: AllocationDraft) -> None:
            draft.state.ended = "DISCARDED"

    @staticmethod
    def stream(settlement: str, owner: str) -> str:
        """``settlement`` is a stream; a person has one draft for it."""
        return f"allocation-draft/{settlement.partition('/')[2]}/{natural_id('person', owner).partition('/')[2]}"

    @classmethod
    def begin_draft(
        cls, settlement: str, owner: str, items: tuple[RemittanceItem, ...], seen: dict[str, Decimal], note: str
    ) -> AllocationDraft:
        facts = {"settlement": settlement, "owner": owner, "items": items, "seen": seen, "note": note}
        return cls.begin(cls.Begun, cls.stream(settlement, owner), **facts)

    def save(self, items: tuple[RemittanceItem, ...], seen: dict[str, Decimal], note: str) -> None:
        """The same again says nothing new."""
        state = self.state
        if (state.items, state.seen, state.note, state.ended) != (items, seen, note, ""):
            self.happened(self.Saved, items=items, seen=seen, note=note)

    def check_committable(self, actor: str) -> None:
        """Only its owner commits a draft that is still one and says something."""
        self._check_owner(actor)
        if self.state.ended:
            raise DRAFT_ENDED(draft=self.id, how=self.state.ended.lower())
        if not self.state.items:
            raise NOTHING_DRAFTED(draft=self.id)

    def commit(self) -> None:
        self.happened(self.Committed)

    def discard(self, actor: str) -> None:
        self._check_owner(actor)
        if self.state.ended == "COMMITTED":
            raise DRAFT_ENDED(draft=self.id, how="committed")
        if not self.state.ended:
            self.happened(self.Discarded)

    def _check_owner(self, actor: str) -> None:
        if actor != self.state.owner:
            raise ANOTHER_S_DRAFT(draft=self.id, owner=self.state.owner, actor=actor)
