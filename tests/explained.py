"""Reads what `explain` prints, as a reader with a pocket calculator would: steps, deciding step, verdict.

It uses nothing of the package; numbers are what the text shows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

_SCALES = {"trillion": 12, "billion": 9, "million": 6}
_NUMBER = r"[−-]?[^\d\s−(]*\d[\d,]*(?:\.\d+)?(?:st|nd|rd|th)?%?(?: (?:trillion|billion|million))?"


def printed(text: str) -> tuple[Decimal, Decimal]:
    """A printed number and the unit of its last digit."""
    found = re.search(r"\d[\d,]*(\.\d+)?", text)
    assert found is not None, text
    number = Decimal(found.group().replace(",", ""))
    unit = Decimal(1).scaleb(number.as_tuple().exponent)  # type: ignore[arg-type]
    scale = Decimal(10) ** next((power for word, power in _SCALES.items() if word in text), 0)
    return (-number if text.lstrip().startswith(("−", "-")) else number) * scale, unit * scale


def redone(formula: str, values: dict[str, Decimal]) -> Decimal:
    """A formula in exact decimals, its numbers as they are printed."""
    for i, name in enumerate(sorted(values, key=len, reverse=True)):
        formula = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", f"v{i}", formula)
        values = {**values, f"v{i}": values[name]}
    python = re.sub(r"(?<![\w.])(\d+(?:\.\d+)?)(?!\w)", r"Decimal('\1')", formula.replace("×", "*").replace("−", "-"))
    return eval(python, {"Decimal": Decimal, "max": max, "min": min, "__builtins__": {}}, values)  # type: ignore[no-any-return]


# ------------------------------------------------------------------------------------------------------------ the text
def blocks(text: str) -> dict[str, str]:
    """Title -> body of each block of an explanation; the head stands under ``head``."""
    parts = re.split(r"\n\n(?=[^\n]+\n-+\n)", text)
    found = {"head": parts[0]}
    for part in parts[1:]:
        title, _, body = part.partition("\n")
        found[title] = body.partition("\n")[2]
    return found


def verdict_of(text: str) -> str:
    """The verdict in the head, by its first word."""
    return re.search(r"^Verdict: (\w+)", text, re.MULTILINE)[1]  # type: ignore[index]


def decision_of(text: str) -> str:
    return " ".join(blocks(text)["The deciding step"].split())


def steps_of(text: str) -> list[tuple[str, str, dict[str, str], str]]:
    """Label, formula, symbol -> printed value, printed result of every step of the arithmetic."""
    found = []
    for step in re.split(r"\n(?=  \d+\. )", "\n" + blocks(text).get("Arithmetic", "").strip("\n")):
        lines = step.strip("\n").splitlines()
        if not lines:
            continue
        at = next(i for i, line in enumerate(lines) if i and re.match(r" {5}\S", line) and not _is_label(lines, i))
        values: dict[str, str] = {}
        formula, result, symbol = [lines[at].strip()], "", ""
        for line in lines[at + 1 :]:
            if said := re.match(r" {5}= (.*)", line):
                result = said[1]
            elif said := re.match(r" {7}(\S+(?: \S+)*?) += (.*)", line):
                symbol = said[1]
                values[symbol] = said[2]
            elif symbol and line.startswith(" " * 10):
                values[symbol] += " " + line.strip()
            else:
                formula.append(line.strip())
        found.append((lines[0].strip(), " ".join(formula), values, result))
    return found


def _is_label(lines: list[str], i: int) -> bool:
    """Whether a line goes on with the label: the one after it does not name a value yet, and holds the formula."""
    after = lines[i + 1] if i + 1 < len(lines) else ""
    return bool(re.match(r" {5}\S", after)) and not after.startswith("     =")


# ------------------------------------------------------------------------------------------------- the deciding step
def follows(decision: str) -> str:
    """The verdict that the deciding step gives, worked out from its numbers; the word it ends with is not read."""
    before = re.sub(r":? (supported|imprecise|contradicted|partly|unresolved)( \(\w+\))?$", "", decision)
    for pattern, rule in RULES:
        if found := re.fullmatch(pattern, before):
            return rule(*found.groups())
    raise AssertionError(f"no rule reads the deciding step {decision!r}")


def _quotient(far: str, near: str, number: str, share: str, sign: str, limit: str) -> str:
    value, unit = printed(share)
    got = 100 * (printed(far)[0] - printed(near)[0]) / printed(number)[0]
    assert abs(got - value) <= unit / 2, (far, near, number, share, got)
    within = value <= printed(limit)[0]
    assert sign == ("≤" if within else ">")
    if printed(limit)[0] < 15:
        assert within
        return "supported"
    return "imprecise" if within else "contradicted"


def _compare(left: str, sign: str, right: str) -> str:
    a, b = printed(left)[0], printed(right)[0]
    assert {"<": a < b, "≤": a <= b, ">": a > b, "≥": a >= b}[sign], (left, sign, right)
    return "supported"


def _within(low: str, least: str, most: str | None, sign: str, high: str) -> str:
    _compare(low, "≤", least)
    return _compare(most or least, sign, high)


def _overlap(least: str, most: str, low: str, high: str) -> str:
    _compare(least, "≤", high)
    return _compare(low, "≤", most)


def _of_word(size: str, asked: str, share: str, sign: str, half: str) -> str:
    value, unit = printed(share)
    assert abs(100 * printed(size)[0] / printed(asked)[0] - value) <= unit / 2
    return "imprecise" if (value >= printed(half)[0]) is (sign == "≥") and sign == "≥" else "contradicted"


def _flat(size: str, sign: str, asked: str) -> str:
    a, b = printed(size)[0], printed(asked)[0]
    word = "supported" if a <= b else "imprecise" if a <= 2 * b else "contradicted"
    assert sign == {"supported": "≤", "imprecise": "≤ 2 ×", "contradicted": "> 2 ×"}[word]
    return word


def _parts(n: str, said: str) -> str:
    counts = _counts(said)
    assert sum(counts.values()) == int(n)
    return next(iter(counts)) if len(counts) == 1 else "partly"


def _counts(said: str) -> dict[str, int]:
    return {word: int(n) for n, word in re.findall(r"(\d+) (\w+)", said)}


def _members(quantifier: str, n: str, said: str) -> str:
    counts = _counts(said)
    total, hits, missed = int(n), counts.get("supported", 0), counts.get("contradicted", 0)
    assert sum(counts.values()) == total
    if quantifier == "none":
        return "contradicted" if hits else "supported"
    if quantifier == "most":
        return "supported" if 2 * hits > total else "imprecise" if 2 * (total - missed) > total else "contradicted"
    return "contradicted" if missed else "supported" if hits == total else "imprecise"  # all; only: its own half


def _negative(size: str) -> str:
    assert printed(size)[0] <= 0
    return "contradicted"


def _abnormal(left: str, whole: str, p: str, side: str, alpha: str) -> str:
    below = "<" in p or printed(p)[0] < printed(alpha)[0]
    assert side == ("below" if below else "not below")
    return "supported" if below else "contradicted" if 2 * printed(left)[0] <= printed(whole)[0] else "unresolved"


def _events(said: str) -> str:
    limit, listed = re.fullmatch(rf"less than ({_NUMBER}) of the reference\. (.*)\. Together", said).groups()  # type: ignore[union-attr]
    words = []
    for low, high, word in re.findall(rf"({_NUMBER}) to ({_NUMBER}), (\w+)", listed):
        ends, bound = [printed(end)[0] for end in (low, high)], printed(limit)[0]
        right = "supported" if ends[1] < bound else "contradicted" if ends[0] >= bound else "unresolved"
        assert word == right, (low, high, word)
        words.append(word)
    return words[0] if len(set(words)) == 1 else "partly"


_N = rf"({_NUMBER})(?: [a-z]+)?"
RULES: list[tuple[str, Callable[..., str]]] = [
    (r"\((\S.*?) − (.*?)\) / (.*?) = (.*?%) ([≤>]) (.*?%)", _quotient),
    (rf"{_N} ≤ {_N}(?: to {_N})? ([<≤]) {_N}", _within),
    (rf"{_N} to {_N} and {_N} to {_N} overlap", _overlap),
    (rf"{_N} ([<≤>≥]) {_N}", _compare),
    (rf"{_N} / {_N} = (.*?%) ([<≥]) (.*?%)", _of_word),
    (rf"{_N} (≤|≤ 2 ×|> 2 ×) {_N} \(0.5 s\)", _flat),
    (rf"The highest lower end, {_N}, (≤) the lowest upper end, {_N}", _compare),
    (r"Of (\d+) parts? (.*)", _parts),
    (r'"(all|most|none|only)" was claimed; of (\d+) members (.*)', _members),
    (
        rf"A \w+ was claimed; (?:what the market leaves, )?measured as a \w+,? (?:it )?is {_N}",
        _negative,
    ),
    (rf"{_N}: the order is the other way round", _negative),
    (rf"{_N} is the other way, or no move", _negative),
    (rf"A (?:fall|rise) of {_N} is left of {_N}; .*? p (.*?), (below|not below) {_N}", _abnormal),
    (r"Claimed (.*)", _events),
    (r"Nothing to compare", lambda: "unresolved"),
]
