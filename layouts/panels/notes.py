"""The sentences below a number: target and gap, change against an equal span, what else is worth knowing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from layouts import format as write
from layouts.attributes import text
from layouts.words import say

Part = Mapping[str, Any]


def notes(part: Part, lang: str) -> list[str]:
    """Return the sentences below a number: target and gap, change, what else is worth knowing."""
    return [line for line in (_target(part, lang), _change(part, lang), *_details(part, lang)) if line]


def stale_moment(part: Part) -> str:
    """Return when a stale value was reported, with its day where that is another one."""
    return write.moment(part.get("reported_at"), part.get("fresh_until"))


def _target(part: Part, lang: str) -> str:
    target = part.get("target")
    if not target or target.get("value") is None:
        return ""
    code, decimals = str(part.get("unit") or ""), int(part.get("decimals") or 0)
    goal = f"{say('target', lang)} {write.quantity(target['value'], code, _digits(target['value']), lang)}"
    gap = target.get("gap")
    if gap is None and part.get("value") is not None:
        gap = part["value"] - target["value"]
    if gap is None:
        return goal
    if round(gap, decimals) == 0:
        return f"{goal}, {say('target.met', lang)}"
    if part.get("better") == "lower":
        word = "target.over" if gap > 0 else "target.below"
    else:
        word = "target.beyond" if gap > 0 else "target.short_of"
    return f"{goal}, {say(word, lang)} {write.number(abs(gap), decimals, lang)}"


def _change(part: Part, lang: str) -> str:
    for key, words in (("same_period_last_year", "vs_last_year"), ("previous", "vs_previous")):
        before = part.get(key)
        if isinstance(before, Mapping):
            before = before.get("value")
        text = write.change(
            part.get("value"), before, str(part.get("unit") or ""), int(part.get("decimals") or 0), lang
        )
        if text:
            return f"{text} {say(words, lang)}"
    return ""


def _details(part: Part, lang: str) -> list[str]:
    detail, found = part.get("detail") or {}, []
    rank, of = detail.get("rank"), detail.get("rank_of")
    if rank is not None and of is not None:
        found.append(say("rank", lang, n=write.number(rank), of=write.number(of)))
    weakest = detail.get("weakest")
    if weakest:
        named = weakest.get("name") if isinstance(weakest, Mapping) and "name" in weakest else weakest
        name = text(named, lang)
        found.append(say("weakest", lang, name=name))
    oldest = part.get("oldest")
    days = oldest.get("working_days") if isinstance(oldest, Mapping) else oldest
    if days:
        found.append(say("oldest", lang, n=write.number(days)))
    if detail.get("in_hand") and part.get("value") and part.get("better") == "lower":
        share = write.quantity(100 * part["value"] / detail["in_hand"], "%", 1, lang)
        found.append(say("in_hand", lang, share=share, n=write.number(detail["in_hand"], 0, lang)))
    if detail.get("threshold") is not None:
        found.append(say("threshold", lang, n=write.number(detail["threshold"], 0, lang)))
    if detail.get("verdict") == "unfinished":
        found.append(say("unfinished", lang))
    if detail.get("text") and not (detail.get("band") or {}).get("colour"):
        found.append(text(detail["text"], lang))
    where = text((part.get("where") or {}).get("name"), lang)
    if where:
        found.append(where)
    sentence = sentence_of(part, lang)
    if not found and sentence:
        found.append(sentence)
    inputs = part.get("inputs") or {}
    if inputs.get("expected") and (inputs.get("used") or 0) < inputs["expected"]:
        found.append(say("inputs", lang, used=inputs["used"], expected=inputs["expected"]))
    if not found and part.get("den"):
        found.append(f"{write.number(part.get('num'), 0, lang)}/{write.number(part['den'], 0, lang)}")
    return found


def sentence_of(part: Part, lang: str) -> str:
    """Return what a reading says of itself; "" for nothing."""
    return text(part.get("sentence"), lang)


def _digits(value: float) -> int:
    return 0 if value == int(value) else 1
