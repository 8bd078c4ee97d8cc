"""Which paragraph that came back is which that was exported: by bookmark, by equal text, by similar words."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import pairwise

ALIKE = 0.5  # of the words: the least at which a paragraph is taken for another's new form
LEAST_SURE = 0.9


@dataclass
class Group:
    """Exported paragraphs (``old``) and what they became (``new``): one each, or more where they were split or joined.

    Nothing in ``old``: it is new. Nothing in ``new``: it is gone. ``how`` is mark, text or words; ``likeness`` 0 to 1.
    """

    old: list[int]
    new: list[int]
    how: str = "mark"
    likeness: float = 1.0
    moved: bool = False


@dataclass
class Matching:
    """All groups in the order in which they came back, those that are gone where they stood."""

    groups: list[Group] = field(default_factory=list)

    def unsure(self) -> list[Group]:
        """Return what was matched by likeness alone."""
        return [group for group in self.groups if group.how == "words"]


def likeness(one: str, other: str) -> float:
    """Return how alike two texts are in their words, from 0 to 1."""
    return SequenceMatcher(None, one.split(), other.split(), autojunk=False).ratio()


def matched(
    old: Sequence[str], marks: Sequence[str], fixed: Sequence[bool], new: Sequence[str], found: Sequence[Sequence[str]]
) -> Matching:
    """Match exported paragraphs with returned ones.

    Parameters
    ----------
    old, marks, fixed : text of each exported paragraph, its bookmark or "", and whether it belongs to no source.
    new, found : text of each returned paragraph and the bookmarks that begin in it.
    """
    place_of = {mark: place for place, mark in enumerate(marks) if mark}
    pair: dict[int, int] = {}  # returned -> exported
    how: dict[int, str] = {}
    joined: dict[int, list[int]] = {}
    taken: set[int] = set()
    for number, names in enumerate(found):
        places = [place_of[name] for name in names if name in place_of and place_of[name] not in taken]
        if not places:
            continue
        pair[number], how[number] = places[0], "mark"
        joined[number] = places[1:]
        taken.update(places)
    straight = _rising([(number, place) for number, place in sorted(pair.items())])
    anchors = [(-1, -1), *straight, (len(new), len(old))]
    for (n1, o1), (n2, o2) in pairwise(anchors):
        rest_new = [number for number in range(n1 + 1, n2) if number not in pair]
        rest_old = [place for place in range(o1 + 1, o2) if place not in taken]
        for number, place, way in _similar(old, rest_old, new, rest_new):
            pair[number], how[number] = place, way
            taken.add(place)
    for number in range(len(new)):  # moved, its mark lost: the same text elsewhere
        if number not in pair and len(new[number].split()) > 3:
            same = next((place for place in range(len(old)) if place not in taken and old[place] == new[number]), None)
            if same is not None:
                pair[number], how[number] = same, "text"
                taken.add(same)
    straight = _rising(sorted(pair.items()))
    kept = dict(straight)
    groups: list[Group] = []
    gone = [place for place in range(len(old)) if place not in taken]
    for number in range(len(new)):
        if number not in pair:
            before = groups[-1] if groups else None
            if before is not None and before.old and not fixed[before.old[0]] and _split(old, new, before, number):
                before.new.append(number)
            else:
                groups.append(Group([], [number]))
            continue
        place = pair[number]
        like = 1.0 if how[number] != "words" else likeness(old[place], new[number])
        group = Group([place, *joined.get(number, [])], [number], how[number], like, number not in kept)
        groups.append(group)
        while gone and group.old[-1] + 1 in gone and not fixed[place] and _joins(old, new, group, group.old[-1] + 1):
            gone.remove(group.old[-1] + 1)
            group.old.append(group.old[-1] + 1)
    for place in gone:
        at = next(
            (at for at, group in enumerate(groups) if group.old and not group.moved and group.old[0] > place),
            len(groups),
        )
        groups.insert(at, Group([place], []))
    return Matching(groups)


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest run of pairs whose second numbers rise: what did not move."""
    tails: list[int] = []
    last: list[int] = []
    back: list[int] = []
    for place, (_, value) in enumerate(pairs):
        at = bisect.bisect_left(tails, value)
        tails[at : at + 1] = [value]
        last[at : at + 1] = [place]
        back.append(last[at - 1] if at else -1)
    kept = []
    place = last[-1] if last else -1
    while place >= 0:
        kept.append(pairs[place])
        place = back[place]
    return kept[::-1]


def _similar(
    old: Sequence[str], rest_old: Sequence[int], new: Sequence[str], rest_new: Sequence[int]
) -> list[tuple[int, int, str]]:
    """Return pairs (returned, exported, how) among what no bookmark names, in order."""
    left, right = [old[place] for place in rest_old], [new[number] for number in rest_new]
    found: list[tuple[int, int, str]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [(rest_new[j1 + step], rest_old[i1 + step], "text") for step in range(i2 - i1)]
        elif tag == "replace":
            start = i1
            for number in range(j1, j2):
                scored = [(likeness(left[place], right[number]), -place) for place in range(start, i2)]
                best = max(scored, default=(0.0, 0))
                short = i2 - i1 == j2 - j1 and len(right[number].split()) <= 2  # a cell with another number
                if best[0] >= ALIKE or short:
                    place = -best[1] if best[0] >= ALIKE else i1 + number - j1
                    if place < start:
                        continue
                    found.append((rest_new[number], rest_old[place], "words"))
                    start = place + 1
    return found


def _split(old: Sequence[str], new: Sequence[str], group: Group, number: int) -> bool:
    whole = " ".join(old[place] for place in group.old)
    now = " ".join(new[one] for one in group.new)
    return likeness(whole, f"{now} {new[number]}") > likeness(whole, now)


def _joins(old: Sequence[str], new: Sequence[str], group: Group, place: int) -> bool:
    whole = " ".join(old[one] for one in group.old)
    now = " ".join(new[one] for one in group.new)
    return likeness(f"{whole} {old[place]}", now) > likeness(whole, now)
