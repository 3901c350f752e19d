"""A `Table` in the markup of LaTeX (rules of booktabs) and of Markdown; every cell is escaped."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from eventstudy.report.frames import Column, Table, cell
from eventstudy.report.tables import coordinate

LONG = 28
"""Letters from which a column of text is set in lines of its own width."""
_LETTER = 0.0125  # of the width of the page, a letter of a table set small


# ---------------------------------------------------------------------------------------------------------------- latex
def latex(tables: Sequence[Table], title: str | None = None) -> str:
    """Tables of LaTeX one after the other; with a `title` a whole document that pdflatex sets, long ones over pages.

    Examples
    --------
    >>> table = Table("t", "Tests", (Column("test", "Test"), Column("p", "p", "p")), (("bmp_t", 0.25),))
    >>> print(latex((table,)))
    % Tests
    \\begin{tabular}{lr}
    \\toprule
    Test & p \\\\
    \\midrule
    bmp\\_t & 0.2500 \\\\
    \\bottomrule
    \\end{tabular}
    """
    if title is None:
        return "\n\n".join(_tabular(table) for table in tables) + "\n"
    head = rf"\section*{{{escaped(title)}}}"
    return "\n".join([PREAMBLE, head, *(_longtable(table) for table in tables), r"\end{document}", ""])


PREAMBLE = r"""\documentclass[10pt]{article}
\usepackage[T1]{fontenc}
\usepackage[utf8]{inputenc}
\usepackage{textcomp}
\usepackage[a4paper,margin=20mm]{geometry}
\usepackage{array,booktabs,longtable}
\setlength{\tabcolsep}{4pt}
\setlength{\emergencystretch}{3em}
\begin{document}
\small"""


def _texts(table: Table) -> tuple[tuple[Column, ...], list[list[str]]]:
    """The columns that a page shows too, and their cells as text."""
    kept = [i for i, column in enumerate(table.columns) if not column.hidden]
    rows = [[cell(row[i], table.columns[i]) for i in kept] for row in table.rows]
    return tuple(table.columns[i] for i in kept), rows


def _body(table: Table) -> tuple[str, str, list[str]]:
    columns, rows = _texts(table)
    head = " & ".join(escaped(column.label) for column in columns) + r" \\"
    return _kinds(columns, rows), head, [" & ".join(map(escaped, row)) + r" \\" for row in rows]


def _tabular(table: Table) -> str:
    kinds, head, body = _body(table)
    note = [rf"\par\smallskip{{\footnotesize {escaped(table.note)}\par}}"] if table.note else []
    lines = [f"% {_one_line(table.caption)}", rf"\begin{{tabular}}{{{kinds}}}", r"\toprule", head, r"\midrule"]
    return "\n".join([*lines, *body, r"\bottomrule", r"\end{tabular}", *note])


def _longtable(table: Table) -> str:
    kinds, head, body = _body(table)
    across = rf"\multicolumn{{{len(_texts(table)[0])}}}{{l}}"
    top = [r"\toprule", head, r"\midrule"]
    lines = [
        rf"\begin{{longtable}}{{{kinds}}}",
        rf"{across}{{\textbf{{{escaped(table.caption)}}}}} \\",
        *(*top, r"\endfirsthead", *top, r"\endhead", r"\bottomrule", r"\endfoot"),
        *body,
        r"\end{longtable}",
    ]
    return "\n".join([*lines, rf"\noindent {escaped(table.note)}\par" if table.note else ""])


def _kinds(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> str:
    """``l`` and ``r``; texts longer than `LONG` share the width that the other columns leave."""
    widest = [max([len(column.label), *(len(row[i]) for row in rows)]) for i, column in enumerate(columns)]
    long = [i for i, column in enumerate(columns) if column.unit == "text" and widest[i] > LONG]
    left = max(0.3, 0.97 - sum(_LETTER * w + 0.012 for i, w in enumerate(widest) if i not in long) - 0.012 * len(long))
    total = sum(min(widest[i], 80) for i in long)
    return "".join(
        rf"p{{{coordinate(left * min(widest[i], 80) / total)}\linewidth}}"
        if i in long
        else "l"
        if c.unit == "text"
        else "r"
        for i, c in enumerate(columns)
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def escaped(text: str) -> str:
    """Text that LaTeX sets as it stands; a letter that its usual fonts lack without its accents, else by its number.

    Examples
    --------
    >>> escaped("a_b & 17 %"), escaped("−0.5²"), escaped("Škoda"), escaped("東")
    ('a\\\\_b \\\\& 17 \\\\%', '$-$0.5\\\\textsuperscript{2}', 'Škoda', '[U+6771]')
    """
    return "".join(_letter(letter) for letter in _one_line(text))


def _letter(letter: str) -> str:
    if letter in _LATEX:
        return _LATEX[letter]
    if letter.isascii():
        return letter if letter.isprintable() else f"[U+{ord(letter):04X}]"
    if ord(letter) in range(0xC0, 0x180):  # the letters of T1 fonts
        return letter
    bare = "".join(c for c in unicodedata.normalize("NFKD", letter) if c.isascii())
    return "".join(_LATEX.get(c, c) for c in bare) or f"[U+{ord(letter):04X}]"


_LATEX: Mapping[str, str] = {
    **{letter: "\\" + letter for letter in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "\u2212": "$-$",
    "\u00d7": r"$\times$",
    "\u00b1": r"$\pm$",
    "\u221e": r"$\infty$",
    "\u2264": r"$\le$",
    "\u2265": r"$\ge$",
    "\u00b2": r"\textsuperscript{2}",
    "\u20ac": r"\texteuro{}",
    "\u00a5": r"\textyen{}",
    "\u00a3": r"\textsterling{}",
    "\u2013": "--",
    "\u2014": "---",
    "\u2018": "`",
    "\u2019": "'",
    "\u201c": "``",
    "\u201d": "''",
    "\u2026": r"\dots{}",
    "\u00a0": "~",
}


# ------------------------------------------------------------------------------------------------------------- markdown
def markdown(tables: Sequence[Table], title: str | None = None) -> str:
    """Tables of Markdown, each under its caption.

    Examples
    --------
    >>> table = Table("t", "Tests", (Column("test", "Test"), Column("p", "p", "p")), (("bmp_t", 0.25),))
    >>> print(markdown((table,)))
    **Tests**
    <BLANKLINE>
    | Test | p |
    |:---|---:|
    | bmp\\_t | 0.2500 |
    """
    parts = [f"# {plain(title)}"] if title is not None else []
    for table in tables:
        columns, rows = _texts(table)
        sides = "|".join(":---" if column.unit == "text" else "---:" for column in columns)
        lines = [_row([column.label for column in columns]), f"|{sides}|", *map(_row, rows)]
        parts += [f"**{plain(table.caption)}**", "\n".join(lines), *([plain(table.note)] if table.note else [])]
    return "\n\n".join(parts) + "\n"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(plain, cells))} |"


def plain(text: str) -> str:
    """Text that Markdown shows as it stands.

    Examples
    --------
    >>> plain("a_b | <i>")
    'a\\\\_b \\\\| \\\\<i\\\\>'
    """
    return "".join(f"\\{letter}" if letter in _MARKED else letter for letter in _one_line(text))


_MARKED = frozenset("\\`*_{}[]<>#|~$&")
