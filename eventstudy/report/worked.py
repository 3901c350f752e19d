"""Arithmetic that a pocket calculator redoes: as many digits as it takes for the printed result to come out.

A formula is redone from the numbers as they are printed. Where it does not give the printed result, its numbers get
more digits, or the result fewer.
"""

from __future__ import annotations

import ast
import itertools
import math
import operator
import re
from collections.abc import Callable, Mapping

from eventstudy.objects.verdicts import Quantity, Statement, Step
from eventstudy.report import tables

DIGITS = range(4, 9)  # of the numbers that go into a step
RESULT = (4, 3, 2)  # of what comes out
FINER = range(7)  # further digits of a number in a deciding step
_SCALES = {"trillion": 1e12, "billion": 1e9, "million": 1e6}
_SIGNS = str.maketrans({"×": "*", tables.MINUS: "-", "{": None, "}": None})
_DOES: Mapping[type, Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}


def redone(formula: str, values: Mapping[str, float]) -> float | None:
    """What a formula gives; None where it is words, or names something that has no number.

    Examples
    --------
    >>> redone("100 × (after / before − 1)", {"after": 115.01, "before": 122.84})  # doctest: +ELLIPSIS
    -6.374...
    >>> redone("sum of the losses", {"NVDA": 1.0}) is None
    True
    """
    try:
        return _value(ast.parse(formula.translate(_SIGNS), mode="eval").body, values)
    except (SyntaxError, KeyError, ZeroDivisionError, TypeError):
        return None


def _value(node: ast.expr, values: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, values)
        case ast.BinOp(left=left, op=sign, right=right):
            return _DOES[type(sign)](_value(left, values), _value(right, values))
        case ast.Call(func=ast.Name(id="max" | "min" as name), args=parts, keywords=[]):
            return (max if name == "max" else min)(_value(part, values) for part in parts)
    raise TypeError(f"no arithmetic: {ast.dump(node)}")


def read(text: str) -> float:
    """The number that a printed text holds.

    >>> read("−$592.7 billion"), read("1,602nd"), read("−16.97%")
    (-592700000000.0, 1602.0, -16.97)
    """
    found = re.search(r"\d[\d,]*\.?\d*", text)
    if found is None:
        return math.nan
    size = float(found.group().replace(",", "")) * next((s for word, s in _SCALES.items() if word in text), 1.0)
    return -size if text.startswith(tables.MINUS) else size


# ---------------------------------------------------------------------------------------------------------------- steps
def step(said: Step) -> tuple[dict[str, str], str]:
    """The inputs and the result of a step as text, in digits with which the formula comes out.

    Examples
    --------
    >>> inputs = {"R": Quantity(-16.96816, "percent"), "b": Quantity(2.150332, "coefficient")}
    >>> step(Step("", "R × b", inputs, Quantity(-36.48718, "percent")))
    ({'R': '−16.9682%', 'b': '2.1503'}, '−36.487%')
    """
    result = said.result
    for digits, fewer in itertools.product(DIGITS, RESULT):
        shown = {name: _precise(value, digits) for name, value in said.inputs.items()}
        text = tables.precise(result.value, result.unit, fewer)
        found = redone(said.formula, {name: read(value) for name, value in shown.items()})
        if found is None or tables.precise(found, result.unit, fewer) == text:
            return shown, text
    return {name: _precise(value, 4) for name, value in said.inputs.items()}, tables.precise(result.value, result.unit)


def _precise(value: Quantity | str, digits: int) -> str:
    return value if isinstance(value, str) else tables.precise(value.value, value.unit, digits)


# -------------------------------------------------------------------------------------------------- the deciding step
def decision(said: Statement) -> str:
    """A deciding step as text: different numbers read differently, and a quotient is that of the printed numbers.

    Examples
    --------
    >>> values = {"it": Quantity(17.4996, "percent"), "high": Quantity(17.5, "percent")}
    >>> decision(Statement("{it} < {high}: supported", values))
    '17.4996% < 17.50%: supported'
    """
    left, equal, right = said.template.partition(" = ")
    results = set(re.findall(r"{(\w+)}", right)) if equal else set()
    numbers = {name: value for name, value in said.values.items() if isinstance(value, Quantity)}
    for fine, extra in itertools.product(FINER, FINER):
        shown = {n: tables.number(v.value, v.unit, finer=fine if n in results else extra) for n, v in numbers.items()}
        if _distinct(numbers, shown, results) and _comes_out(left, right, numbers, shown, fine):
            return tables.statement(Statement(said.template, {**said.values, **shown}))
    return tables.statement(said)


def _distinct(numbers: Mapping[str, Quantity], shown: Mapping[str, str], results: set[str]) -> bool:
    """Whether numbers that differ read differently, the results among themselves and the others among themselves."""
    return all(
        shown[a] != shown[b] or math.isclose(numbers[a].value, numbers[b].value, rel_tol=1e-9)
        for a, b in itertools.combinations(numbers, 2)
        if (a in results) == (b in results) and numbers[a].unit == numbers[b].unit
    )


def _comes_out(left: str, right: str, numbers: Mapping[str, Quantity], shown: Mapping[str, str], fine: int) -> bool:
    result = re.match(r"{(\w+)}", right)
    if result is None:
        return True
    name = result.group(1)
    found = redone(left, {key: read(text) for key, text in shown.items()})
    if found is None:
        return True
    scale = 100 if numbers[name].unit == "percent" else 1
    return tables.number(scale * found, numbers[name].unit, finer=fine) == shown[name]
