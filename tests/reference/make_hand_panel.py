"""Write hand_panel.xlsx: the event study of hand_panel.csv as a spreadsheet, every number a live formula.

    python make_hand_panel.py                 # writes hand_panel.xlsx, formulas only (needs openpyxl)
    python make_hand_panel.py --values SHEET  # reads the recalculated copy SHEET into hand_panel.json

The values are worked out by a spreadsheet program, which shares no line of code with the package:

    soffice --headless --convert-to xlsx:"Calc MS Excel 2007 XML" --outdir recalculated hand_panel.xlsx
    python make_hand_panel.py --values recalculated/hand_panel.xlsx

Nothing here computes: this file places labels and formulas. One sheet for the data, one for each step, one for each
window; the sheet ``results`` repeats what the tests compare, by name.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.worksheet.formula import ArrayFormula
from openpyxl.worksheet.worksheet import Worksheet

HERE = Path(__file__).parent
NAMES = ("A", "B", "C")
T, EVENT = 7, 3  # estimation days -8 to -2, event window -1 to +1
FIRST = 4  # row of the first day on every sheet that has a row a day
PAST = (FIRST, FIRST + T - 1)
BOLD = Font(bold=True)


class Steps:
    """A sheet filled from top to bottom: a label, a formula for each security (or one alone), and what it means."""

    def __init__(self, book: Workbook, title: str, heading: str) -> None:
        self.sheet: Worksheet = book.create_sheet(title)
        self.title = title
        self.sheet["A1"] = heading
        self.sheet["A1"].font = BOLD
        self.row = 3
        self.sheet.column_dimensions["A"].width = 44

    def head(self, *titles: str) -> None:
        for column, text in enumerate(titles, start=1):
            self.sheet.cell(self.row, column, text).font = BOLD
        self.row += 1

    def put(self, label: object, *formulas: str, note: str = "") -> list[str]:
        """Write one row and return where its numbers are, as absolute references for other formulas."""
        self.sheet.cell(self.row, 1, label)
        out = []
        for column, formula in enumerate(formulas, start=2):
            cell = self.sheet.cell(self.row, column, "=" + formula)
            out.append(f"'{self.title}'!${cell.column_letter}${self.row}")
        if note:
            self.sheet.cell(self.row, len(formulas) + 3, note)
        self.row += 1
        return out

    def one(self, label: object, formula: str, note: str = "") -> str:
        return self.put(label, formula, note=note)[0]

    def matrix(self, label: str, formula: str, size: int) -> str:
        """An array formula over size x size cells; the range it fills."""
        self.sheet.cell(self.row, 1, label)
        last = chr(ord("B") + size - 1)
        where = f"B{self.row}:{last}{self.row + size - 1}"
        self.sheet[f"B{self.row}"] = ArrayFormula(where, "=" + formula)
        out = f"'{self.title}'!$B${self.row}:${last}${self.row + size - 1}"
        self.row += size
        return out

    def array(self, label: str, formula: str) -> str:
        """One cell that holds an array formula."""
        self.sheet.cell(self.row, 1, label)
        where = f"B{self.row}"
        self.sheet[where] = ArrayFormula(where, "=" + formula)
        self.row += 1
        return f"'{self.title}'!$B${self.row - 1}"

    def gap(self, text: str = "") -> None:
        self.row += 1
        if text:
            self.sheet.cell(self.row, 1, text).font = BOLD
            self.row += 1


def span(sheet: str, column: str, rows: tuple[int, int]) -> str:
    return f"'{sheet}'!${column}${rows[0]}:${column}${rows[1]}"


def cells(references: list[str]) -> str:
    """The references of one row as one range."""
    return f"{references[0]}:{references[-1].split('!')[1]}"


def rank(cell: str, ranges: list[str]) -> str:
    """Average rank among the cells of all ranges: those below, and the middle of those equal."""
    below = "+".join(f"SUMPRODUCT(--({r}<{cell}))" for r in ranges)
    equal = "+".join(f"SUMPRODUCT(--({r}={cell}))" for r in ranges)
    return f"{below}+({equal}+1)/2"


def two_sided_t(statistic: str, df: str) -> str:
    return f"TDIST(ABS({statistic}),{df},2)"


def two_sided_normal(statistic: str) -> str:
    return f"2*NORMSDIST(-ABS({statistic}))"


# ------------------------------------------------------------------------------------------------- the common steps
def data_sheets(book: Workbook, rows: list[list[int]]) -> None:
    data = Steps(book, "data", "Returns in basis points, as in hand_panel.csv; days relative to the event")
    data.head("day", "market", *NAMES)
    for values in rows:
        for column, value in enumerate(values, start=1):
            data.sheet.cell(data.row, column, value)
        data.row += 1
    returns = Steps(book, "returns", "Returns as decimals")
    returns.head("day", "market", *NAMES)
    for i in range(len(rows)):
        at = FIRST + i
        returns.put(rows[i][0], *(f"data!{column}{at}/10000" for column in "BCDE"))


def model_sheet(book: Workbook, results: dict[str, str]) -> dict[str, list[str]]:
    """The market model of each security on the seven estimation days."""
    sheet = Steps(book, "model", "Market model R = alpha + beta Rm + e on the estimation days, sigma^2 = e'e / (T - 2)")
    sheet.head("", *NAMES)
    m = span("returns", "B", PAST)
    own = {name: span("returns", column, PAST) for name, column in zip(NAMES, "CDE", strict=True)}
    out: dict[str, list[str]] = {}
    out["T"] = [sheet.one("T, estimation days", f"COUNT({m})")]
    out["nu"] = [sheet.one("nu = T - 2", f"{out['T'][0]}-2")]
    out["mean"] = [sheet.one("mean of Rm", f"AVERAGE({m})")]
    out["sxx"] = [sheet.one("sum of squares of Rm about its mean", f"DEVSQ({m})")]
    out["beta"] = sheet.put("beta", *(f"SLOPE({own[n]},{m})" for n in NAMES))
    out["alpha"] = sheet.put("alpha", *(f"INTERCEPT({own[n]},{m})" for n in NAMES))
    e = {name: span("residuals", column, PAST) for name, column in zip(NAMES, "BCD", strict=True)}
    out["sigma"] = sheet.put("sigma", *(f"SQRT(SUMSQ({e[n]})/{out['nu'][0]})" for n in NAMES))
    out["r2"] = sheet.put("R squared", *(f"RSQ({own[n]},{m})" for n in NAMES))
    out["rho"] = sheet.put(
        "correlation of residuals: AB, AC, BC", *(f"CORREL({e[i]},{e[j]})" for i, j in ("AB", "AC", "BC"))
    )
    out["rbar"] = [sheet.one("rbar, their mean (one shared date)", f"AVERAGE({cells(out['rho'])})")]
    out["positive"] = sheet.put("share of positive residuals", *(f'COUNTIF({e[n]},">0")/{out["T"][0]}' for n in NAMES))
    for key in ("alpha", "beta", "sigma", "r2"):
        results |= {f"model {key} {n}": at for n, at in zip(NAMES, out[key], strict=True)}
    results["model rbar"] = out["rbar"][0]
    return out


def residual_sheet(book: Workbook, model: dict[str, list[str]], rows: list[list[int]]) -> None:
    """A row a day: residuals before, abnormal returns from day -1 on, and their forecast terms."""
    sheet = Steps(
        book, "residuals", "Residuals e (days -8 to -2) and abnormal returns AR (days -1 to +1): R - alpha - beta Rm"
    )
    sheet.head("day", *NAMES, "mean", "h", *(f"e^2/(s^2(1-h)) or SAR^2 {n}" for n in NAMES), "q")
    s = sheet.sheet
    for i, values in enumerate(rows):
        at = FIRST + i
        past = i < T
        sign = "1-" if past else "1+"
        own = [
            f"returns!{column}{at}-{model['alpha'][k]}-{model['beta'][k]}*returns!B{at}"
            for k, column in enumerate("CDE")
        ]
        leverage = f"1/{model['T'][0]}+(returns!B{at}-{model['mean'][0]})^2/{model['sxx'][0]}"
        squares = [f"{c}{at}^2/({model['sigma'][k]}^2*({sign}F{at}))" for k, c in enumerate("BCD")]
        sheet.put(values[0], *own, f"AVERAGE(B{at}:D{at})", leverage, *squares)
        if past:
            s[f"J{at}"] = ArrayFormula(f"J{at}", f"=SUM(MMULT(B{at}:D{at},joint!$B$8:$D$10)*B{at}:D{at})/(1-F{at})")
    s["A16"] = "h = 1/T + (Rm - mean)^2 / Sxx; q = e'A^-1 e / (1 - h) with A = E'E, inverted on the sheet joint"


def joint_sheet(book: Workbook, model: dict[str, list[str]]) -> None:
    """A = E'E and its inverse, for Hotelling's test."""
    sheet = Steps(book, "joint", "A = E'E of the residuals, and its inverse (cells B8:D10)")
    block = f"residuals!$B${PAST[0]}:$D${PAST[1]}"
    sheet.row = 4
    a = sheet.matrix("A = E'E", f"MMULT(TRANSPOSE({block}),{block})", 3)
    sheet.row = 8
    sheet.matrix("inverse of A", f"MINVERSE({a})", 3)


# ---------------------------------------------------------------------------------------------------- one window
class WindowSteps:
    """All tests of one window on one sheet."""

    def __init__(
        self, book: Workbook, model: dict[str, list[str]], first: int, last: int, results: dict[str, str]
    ) -> None:
        self.name = f"[{first:+d}, {last:+d}]".replace("+0", "0")
        self.model, self.results = model, results
        self.length = last - first + 1
        start = FIRST + T + (first + 1)
        self.rows = (start, start + self.length - 1)
        self.sheet = Steps(book, f"window {first} to {last}", f"Window {self.name}: sums and tests")
        self.sums()

    def keep(self, test: str, statistic: str, p: str, df: str | None = None) -> None:
        self.results[f"{self.name} {test} statistic"] = statistic
        self.results[f"{self.name} {test} p"] = p
        if df:
            self.results[f"{self.name} {test} df"] = df

    def t_test(self, test: str, formula: str, df: str, note: str = "") -> str:
        statistic = self.sheet.one(test, formula, note)
        self.keep(test, statistic, self.sheet.one("   p", two_sided_t(statistic, df)))
        return statistic

    def z_test(self, test: str, formula: str, note: str = "", upper: bool = False) -> str:
        statistic = self.sheet.one(test, formula, note)
        p = f"NORMSDIST(-{statistic})" if upper else two_sided_normal(statistic)
        self.keep(test, statistic, self.sheet.one("   p", p))
        return statistic

    def sums(self) -> None:
        s, m = self.sheet, self.model
        s.head("", *NAMES)
        self.L = s.one("L, days of the window", str(self.length))
        self.N = s.one("N, securities", str(len(NAMES)))
        self.ar = [span("residuals", column, self.rows) for column in "BCD"]
        market = span("returns", "B", self.rows)
        self.factor = s.one(
            "variance factor of a CAR",
            f"{self.L}+{self.L}^2/{m['T'][0]}+(SUM({market})-{self.L}*{m['mean'][0]})^2/{m['sxx'][0]}",
            "L + L^2/T + (sum of Rm - L mean)^2 / Sxx",
        )
        self.car = s.put("CAR", *(f"SUM({r})" for r in self.ar))
        self.scar = s.put(
            "SCAR = CAR / (sigma sqrt(factor))",
            *(f"{c}/({sd}*SQRT({self.factor}))" for c, sd in zip(self.car, m["sigma"], strict=True)),
        )
        p = s.put("   p of t(nu)", *(two_sided_t(x, m["nu"][0]) for x in self.scar))
        self.caar = s.one("CAAR", f"AVERAGE({cells(self.car)})")
        self.results[f"{self.name} caar"] = self.caar
        for i, n in enumerate(NAMES):
            self.results[f"{self.name} car {n}"] = self.car[i]
            self.results[f"{self.name} t {n} statistic"] = self.scar[i]
            self.results[f"{self.name} t {n} p"] = p[i]

    def means(self) -> None:
        s, m = self.sheet, self.model
        df, cars, scars = f"({self.N}-1)", cells(self.car), cells(self.scar)
        s.gap("Means")
        self.t_test("cross_sectional_t", f"AVERAGE({cars})/(STDEV({cars})/SQRT({self.N}))", df)
        patell = self.z_test("patell_z", f"SUM({scars})/SQRT({self.N}*{m['nu'][0]}/({m['nu'][0]}-2))")
        term = s.one("1 + (N - 1) rbar", f"1+({self.N}-1)*{m['rbar'][0]}")
        self.z_test("adjusted_patell_z", f"{patell}/SQRT({term})")
        bmp = self.t_test("bmp_t", f"AVERAGE({scars})/(STDEV({scars})/SQRT({self.N}))", df)
        self.t_test("adjusted_bmp_t", f"{bmp}*SQRT((1-{m['rbar'][0]})/{term})", df)
        skew = s.one("S = mean / sd of the CARs", f"AVERAGE({cars})/STDEV({cars})")
        about = "+".join(f"(({c}-{self.caar})/STDEV({cars}))^3" for c in self.car)
        g = s.one("g = third moment / sd^3", f"({about})/{self.N}")
        john = f"{skew}+{g}*{skew}^2/3+{g}/(6*{self.N})"
        self.t_test("skewness_adjusted_t johnson", f"SQRT({self.N})*({john})", df, "Johnson 1978")
        self.t_test("skewness_adjusted_t hall", f"SQRT({self.N})*({john}+{g}^2*{skew}^3/27)", df, "Hall 1992")
        self.jackknife(df)
        self.bhar(df)

    def jackknife(self, df: str) -> None:
        s = self.sheet
        whole = s.one("theta = mean / sd of the SCARs", f"AVERAGE({cells(self.scar)})/STDEV({cells(self.scar)})")
        without = []
        for i in range(3):
            two = ",".join(x for k, x in enumerate(self.scar) if k != i)
            without.append(f"AVERAGE({two})/STDEV({two})")
        left = s.put("theta without A, B, C", *without)
        pseudo = s.put("pseudo-values", *(f"{self.N}*{whole}-({self.N}-1)*{x}" for x in left))
        values = cells(pseudo)
        self.t_test("jackknife_t", f"AVERAGE({values})/(STDEV({values})/SQRT({self.N}))", df)

    def bhar(self, df: str) -> None:
        days = range(self.rows[0], self.rows[1] + 1)
        held = []
        for i, column in enumerate("CDE"):
            got = "*".join(f"(1+returns!{column}{t})" for t in days)
            normal = "*".join(f"(1+{self.model['alpha'][i]}+{self.model['beta'][i]}*returns!B{t})" for t in days)
            held.append(f"{got}-{normal}")
        values = self.sheet.put("BHAR", *held)
        self.t_test("bhar_t", f"AVERAGE({cells(values)})/(STDEV({cells(values)})/SQRT({self.N}))", df)

    def portfolios(self) -> None:
        s, m = self.sheet, self.model
        mean = span("residuals", "E", PAST)
        s.gap("Portfolio")
        sigma = s.one("sigma of the mean residual", f"SQRT(SUMSQ({mean})/{m['nu'][0]})", "divisor nu")
        self.t_test("portfolio_t", f"{self.caar}/({sigma}*SQRT({self.factor}))", m["nu"][0])
        spread = s.one("sd of the mean residual", f"STDEV({mean})", "divisor T - 1, no forecast term")
        self.t_test("crude_dependence_t", f"{self.caar}/({spread}*SQRT({self.L}))", f"({m['T'][0]}-1)")

    def joint(self) -> None:
        s, m = self.sheet, self.model
        s.gap("All abnormal returns together")
        row = cells(self.car)
        x = s.array("x = CAR' A^-1 CAR / factor", f"SUM(MMULT({row},joint!$B$8:$D$10)*{row})/{self.factor}")
        f = s.one("hotelling F = (nu - N + 1) / N x", f"({m['nu'][0]}-{self.N}+1)/{self.N}*{x}", "S = A / nu")
        by_f = s.one("   p of F(N, nu - N + 1)", f"FDIST({f},{self.N},{m['nu'][0]}-{self.N}+1)")
        q = span("residuals", "J", PAST)
        by_rank = s.one("   p by rank of x / (1 + x)", f"(1+SUMPRODUCT(--({q}>={x}/(1+{x}))))/({m['T'][0]}+1)")
        self.keep("hotelling", f, by_rank if self.length == 1 else by_f)

    def signs(self) -> None:
        s, m = self.sheet, self.model
        s.gap("Signs")
        share = s.one("p, mean share of positive residuals", f"AVERAGE({cells(m['positive'])})")
        w = s.one("w, positive CARs", f'COUNTIF({cells(self.car)},">0")')
        self.z_test("generalized_sign_z", f"({w}-{self.N}*{share})/SQRT({self.N}*{share}*(1-{share}))")

    # -------------------------------------------------------------------------------------------------------- ranks
    def ranked(
        self, past: list[str], inside: list[str], rows: tuple[int, int], label: str
    ) -> tuple[str, str, list[str]]:
        """U = rank / (M + 1) - 1/2 of every day: for A, B, C and their mean. Where all means and the event's are."""
        s = self.sheet
        length = rows[1] - rows[0] + 1
        s.gap(label)
        s.head("day", *NAMES, "mean")
        first = s.row
        for i in range(T + length):
            formulas = []
            for k in range(len(NAMES)):
                cell = (
                    f"{past[k].split('!')[0]}!${past[k].split('$')[1]}${PAST[0] + i}"
                    if i < T
                    else f"{inside[k].split('!')[0]}!${inside[k].split('$')[1]}${rows[0] + i - T}"
                )
                formulas.append(f"({rank(cell, [past[k], inside[k]])})/({T + length}+1)-0.5")
            s.put(f"U of day {i + 1}", *formulas, f"AVERAGE(B{s.row}:D{s.row})")
        last = s.row - 1
        event = (last - length + 1, last)
        return (
            span(s.title, "E", (first, last)),
            span(s.title, "E", event),
            [span(s.title, c, event) for c in "BCD"],
        )

    def restandardised(self, label: str, rows_of: list[list[str]], rbar: str) -> tuple[list[str], tuple[int, int]]:
        """Values sqrt(1 - rbar) / sd x sigma, a row for each day; sd over the securities. Their ranges and rows."""
        s = self.sheet
        first = s.row
        for values in rows_of:
            sd = f"STDEV({','.join(values)})"
            s.put(label, *(f"{v}*SQRT(1-{rbar})/{sd}*{sg}" for v, sg in zip(values, self.model["sigma"], strict=True)))
        rows = (first, s.row - 1)
        return [span(s.title, c, rows) for c in "BCD"], rows

    def z_of_means(self, means: str, event: str, length: int) -> str:
        return f"SUM({event})/(SQRT(SUMSQ({means})/({T}+{length}))*SQRT({length}))"

    def t_of_means(self, test: str, means: str, event: str, length: int) -> None:
        big = T + length
        z = self.sheet.one(
            "Z",
            f"SUM({event})/SQRT(SUMSQ({means})/{big}*{length}*({big}-{length})/({big}-1))",
            "drawn without replacement",
        )
        self.t_test(test, f"{z}*SQRT(({big}-2)/({big}-1-{z}^2))", f"({big}-2)")

    def z_of_ranks(self, test: str, own: list[str], length: int) -> None:
        big = T + length
        total = "+".join(f"SUM({r})" for r in own)
        self.z_test(test, f"({total})/SQRT({self.N}*{length}*({big}-{length})/(12*({big}+1)))")

    def ranks(self) -> None:
        s, m, n = self.sheet, self.model, self.length
        past = [span("residuals", column, PAST) for column in "BCD"]
        means, event, _ = self.ranked(past, self.ar, self.rows, "Ranks of residuals and abnormal returns")
        self.z_test("corrado_rank_z", self.z_of_means(means, event, n))
        s.gap("Standardised abnormal returns SAR of each day")
        sars = [
            s.put(
                "SAR",
                *(f"residuals!{c}{t}/({sd}*SQRT(1+residuals!F{t}))" for c, sd in zip("BCD", m["sigma"], strict=True)),
            )
            for t in range(self.rows[0], self.rows[1] + 1)
        ]
        for rbar, title in ((m["rbar"][0], "with rbar"), ("0", "with rbar = 0")):
            s.gap(f"SAR of a day over their sd, {title}")
            inside, rows = self.restandardised("SAR sqrt(1-rbar)/sd, times sigma", sars, rbar)
            means, event, own = self.ranked(past, inside, rows, f"Ranks with restandardised days, {title}")
            if rbar != "0":
                self.z_test("corrado_zivney_z", self.z_of_means(means, event, n))
                self.t_of_means("cumrank_t", means, event, n)
            else:
                self.z_of_ranks("cumrank_z", own, n)
            s.gap(f"SCAR over their sd, {title}")
            inside, rows = self.restandardised("SCAR sqrt(1-rbar)/sd, times sigma", [self.scar], rbar)
            means, event, own = self.ranked(past, inside, rows, f"Ranks with the window as one day, {title}")
            if rbar != "0":
                self.t_of_means("grank_t", means, event, 1)
            else:
                self.z_of_ranks("grank_z", own, 1)

    # ----------------------------------------------------------------------------------------------------- variance
    def variances(self) -> None:
        s, m, n = self.sheet, self.model, self.length
        squares = [span("residuals", column, PAST) for column in "GHI"]
        inside = [span("residuals", column, self.rows) for column in "GHI"]
        means, event, _ = self.ranked(squares, inside, self.rows, "Ranks of squares")
        self.z_test("volatility_rank_z", self.z_of_means(means, event, n), upper=True)
        s.gap("Forecast covariance C = I + X (X'X)^-1 X' of the window, and its inverse")
        days = list(range(self.rows[0], self.rows[1] + 1))
        start = s.row
        for t in days:
            s.put(
                "C" if t == days[0] else "",
                *(
                    f"{int(t == u)}+1/{m['T'][0]}"
                    f"+(returns!B{t}-{m['mean'][0]})*(returns!B{u}-{m['mean'][0]})/{m['sxx'][0]}"
                    for u in days
                ),
            )
        corner = chr(ord("B") + n - 1)
        inverse = s.matrix("inverse of C", f"MINVERSE('{s.title}'!$B${start}:${corner}${s.row - 1})", n)
        self.ratio = []
        for k, name in enumerate(NAMES):
            column = self.ar[k]
            ratio = s.array(
                f"volatility_f {name} = AR'C^-1 AR / (sigma^2 L)",
                f"SUM(MMULT({inverse},{column})*{column})/({m['sigma'][k]}^2*{self.L})",
            )
            self.ratio.append(ratio)
            self.keep(f"volatility_f {name}", ratio, s.one("   p of F(L, nu)", f"FDIST({ratio},{self.L},{m['nu'][0]})"))
        nu = m["nu"][0]
        variance = f"2*{nu}^2*({self.L}+{nu}-2)/({self.L}*({nu}-2)^2*({nu}-4))"
        total = "+".join(self.ratio)
        self.z_test("beaver_patell_z", f"({total}-{self.N}*{nu}/({nu}-2))/SQRT({self.N}*{variance})", upper=True)
        self.cross_section(days)

    def cross_section(self, days: list[int]) -> None:
        s, m = self.sheet, self.model
        s.gap("Cross-sectional variance of a day over its expectation")
        lambdas = []
        for t in days:
            v = s.put("forecast variance s^2", *(f"{sd}^2*(1+residuals!F{t})" for sd in m["sigma"]))
            parts = [
                f"({self.N}*residuals!{c}{t}-SUM(residuals!B{t}:D{t}))^2/({self.N}*({self.N}-2)*{v[k]}+SUM({cells(v)}))"
                for k, c in enumerate("BCD")
            ]
            lambdas.append(s.one("lambda of the day", f"({'+'.join(parts)})/{self.N}"))
        df = s.one("degrees of freedom (N - 1) L", f"({self.N}-1)*{self.L}")
        chi = s.one("cross_sectional_variance_chi2", f"({self.N}-1)*({'+'.join(lambdas)})/(1-{m['rbar'][0]})")
        self.keep("cross_sectional_variance_chi2", chi, s.one("   p", f"CHIDIST({chi},{df})"), df)

    def quantiles(self) -> None:
        s, m, n = self.sheet, self.model, self.length
        s.gap("Rank among the estimation days: overlapping sums of L residuals, and of L squares")
        s.head("first day", *(f"|sum|/sqrt(L-leverage) {x}" for x in NAMES), *(f"squares {x}" for x in NAMES))
        first = s.row
        for i in range(T - n + 1):
            rows = (PAST[0] + i, PAST[0] + i + n - 1)
            market = span("returns", "B", rows)
            left = f"({n}-{n}^2/{m['T'][0]}-(SUM({market})-{n}*{m['mean'][0]})^2/{m['sxx'][0]})"
            past = [f"ABS(SUM({span('residuals', c, rows)}))" + ("" if n == 1 else f"/SQRT({left})") for c in "BCD"]
            s.put(f"sum {i + 1}", *past, *(f"SUM({span('residuals', c, rows)})" for c in "GHI"))
        rows = (first, s.row - 1)
        count = T - n + 1
        for k, name in enumerate(NAMES):
            own = f"ABS({self.car[k]})" + ("" if n == 1 else f"/SQRT({self.factor})")
            place = s.one(f"sample_quantile {name}: rank", f"1+SUMPRODUCT(--({span(s.title, 'BCD'[k], rows)}>={own}))")
            self.keep(f"sample_quantile {name}", place, s.one("   p", f"{place}/({count}+1)"))
            own = f"SUM({span('residuals', 'GHI'[k], self.rows)})"
            place = s.one(
                f"volatility_quantile {name}: rank", f"1+SUMPRODUCT(--({span(s.title, 'EFG'[k], rows)}>={own}))"
            )
            self.keep(f"volatility_quantile {name}", place, s.one("   p", f"{place}/({count}+1)"))
        together = "+".join(span(s.title, c, rows) for c in "EFG")
        own = "+".join(f"SUM({span('residuals', c, self.rows)})" for c in "GHI")
        place = s.one("volatility_group_quantile: rank", f"1+SUMPRODUCT(--(({together})>=({own})))", "squares of all")
        self.keep("volatility_group_quantile", place, s.one("   p", f"{place}/({count}+1)"))


# ---------------------------------------------------------------------------------------------------- other models
def other_models(book: Workbook, results: dict[str, str]) -> None:
    """Models that need no more than means and slopes: estimates, sigma, and the SCAR of [-1, +1]."""
    s = Steps(book, "other models", "Mean adjusted, market adjusted, raw; Scholes and Williams; each for A, B, C")
    s.head("", *NAMES)
    past = {k: span("returns", c, PAST) for k, c in zip(("m", *NAMES), "BCDE", strict=True)}
    rows = (FIRST + T, FIRST + T + EVENT - 1)
    event = {k: span("returns", c, rows) for k, c in zip(("m", *NAMES), "BCDE", strict=True)}
    ways = {
        "mean_adjusted": (
            lambda n: f"STDEV({past[n]})",
            lambda n: f"SUM({event[n]})-{EVENT}*AVERAGE({past[n]})",
            f"{EVENT}+{EVENT}^2/{T}",
        ),
        "raw": (lambda n: f"STDEV({past[n]})", lambda n: f"SUM({event[n]})", str(EVENT)),
        "market_adjusted": (
            lambda n: f"SQRT(SUMPRODUCT(({past[n]}-{past['m']}-(AVERAGE({past[n]})-AVERAGE({past['m']})))^2)/({T}-1))",
            lambda n: f"SUM({event[n]})-SUM({event['m']})",
            str(EVENT),
        ),
    }
    for model, (sigma, car, factor) in ways.items():
        spread = s.put(f"{model} sigma", *(sigma(n) for n in NAMES), note="divisor T - 1")
        scar = s.put(
            f"{model} SCAR [-1, +1]",
            *(f"({car(n)})/({sd}*SQRT({factor}))" for n, sd in zip(NAMES, spread, strict=True)),
        )
        for i, n in enumerate(NAMES):
            results[f"{model} sigma {n}"], results[f"{model} scar {n}"] = spread[i], scar[i]
    scholes_williams(s, results)


def scholes_williams(s: Steps, results: dict[str, str]) -> None:
    """beta = (b- + b0 + b+) / (1 + 2 rho): three simple regressions, leads and lags inside the estimation window."""
    s.gap("Scholes and Williams: slopes on the lag, the day and the lead, those inside the estimation window")
    s.head("", *NAMES)
    later, earlier, whole = (PAST[0] + 1, PAST[1]), (PAST[0], PAST[1] - 1), PAST
    market = {
        name: span("returns", "B", rows) for name, rows in (("later", later), ("earlier", earlier), ("all", whole))
    }
    own = dict(zip(NAMES, "CDE", strict=True))
    lag = s.put(
        "slope on the day before", *(f"SLOPE({span('returns', own[n], later)},{market['earlier']})" for n in NAMES)
    )
    now = s.put("slope on the day", *(f"SLOPE({span('returns', own[n], whole)},{market['all']})" for n in NAMES))
    lead = s.put(
        "slope on the day after", *(f"SLOPE({span('returns', own[n], earlier)},{market['later']})" for n in NAMES)
    )
    slopes = s.put(
        "slopes of Rm on its lag and on its lead",
        f"SLOPE({market['later']},{market['earlier']})",
        f"SLOPE({market['earlier']},{market['later']})",
    )
    rho = s.one("rho, their mean", f"AVERAGE({cells(slopes)})", "their geometric mean is the correlation")
    beta = s.put("beta", *(f"({a}+{b}+{c})/(1+2*{rho})" for a, b, c in zip(lag, now, lead, strict=True)))
    for name, at in zip(NAMES, beta, strict=True):
        results[f"scholes_williams beta {name}"] = at


# ---------------------------------------------------------------------------------------------------------- the file
def write(path: Path) -> None:
    with (HERE / "hand_panel.csv").open(encoding="utf-8") as file:
        rows = [[int(v) for v in row] for row in list(csv.reader(file))[1:]]
    book = Workbook()
    book.remove(book.active)
    results: dict[str, str] = {}
    data_sheets(book, rows)
    model = model_sheet(book, results)
    residual_sheet(book, model, rows)
    joint_sheet(book, model)
    for first, last in ((0, 0), (-1, 1)):
        window = WindowSteps(book, model, first, last, results)
        for step in (window.means, window.portfolios, window.joint, window.signs, window.quantiles, window.ranks):
            step()
        window.variances()
    for day, row in ((-1, FIRST + T), (0, FIRST + T + 1), (1, FIRST + T + 2)):
        results[f"aar {day:+d}".replace("+0", "0")] = f"residuals!$E${row}"
        results |= {f"ar {day} {n}": f"residuals!${c}${row}" for n, c in zip(NAMES, "BCD", strict=True)}
    other_models(book, results)
    last_sheet = Steps(book, "results", "What the tests compare with the package")
    for name, at in results.items():
        last_sheet.one(name, at)
    book.save(path)


def read(recalculated: Path) -> None:
    """The column B of ``results``, as the spreadsheet program left it."""
    sheet = load_workbook(recalculated, data_only=True)["results"]
    values = {str(a): b for a, b in sheet.iter_rows(min_row=3, max_col=2, values_only=True) if a}
    bad = [name for name, value in values.items() if not isinstance(value, (int, float))]
    if bad:
        raise SystemExit(f"no numbers: {bad}")
    said = subprocess.run(["soffice", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    origin = (
        f"hand_panel.xlsx recalculated by {' '.join(said.split()[:2])}: its formulas on the returns of hand_panel.csv, "
        "10 days, 3 securities, a market. Made by make_hand_panel.py, which writes formulas and no number."
    )
    text = json.dumps({"origin": origin, "values": values}, indent=1)
    (HERE / "hand_panel.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--values"]:
        read(Path(sys.argv[2]))
    else:
        write(HERE / "hand_panel.xlsx")
