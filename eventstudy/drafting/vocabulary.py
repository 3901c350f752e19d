"""The words that the rules know: verbs of moves, words before a number, units. Extend a table and the rules follow."""

from __future__ import annotations

from collections.abc import Mapping

#: pattern of a verb or noun of a move -> (direction, the word of a claims file it is tried by)
MOVES: Mapping[str, tuple[str, str]] = {
    # falls
    r"fell|falls?|fallen|falling": ("fall", "fell"),
    r"slid|slides?|sliding": ("fall", "slid"),
    r"drop(?:s|ped|ping)?": ("fall", "dropped"),
    r"dip(?:s|ped|ping)?": ("fall", "dipped"),
    r"lost|loses?|losing|loss(?:es)?": ("fall", "lost"),
    r"declin(?:e|es|ed|ing)": ("fall", "declined"),
    r"shed(?:s|ding)?": ("fall", "lost"),
    r"eas(?:e|es|ed|ing)|slip(?:s|ped|ping)?|soften(?:ed|ing)?|sagg?(?:ed|ing|s)?": ("fall", "dipped"),
    r"retreat(?:s|ed|ing)?|weaken(?:s|ed|ing)?|decreas(?:e|es|ed|ing)|pulled back|pullback": ("fall", "fell"),
    r"(?:gave|giv(?:e|en|ing)) (?:up|back)|surrender(?:ed|ing)?": ("fall", "lost"),
    r"down|lower|off|weaker|softer": ("fall", "fell"),
    r"shr[aiu]nk|shrinking|backslid|skidd(?:ed|ing)|skids?|retrac(?:ed|ing)": ("fall", "fell"),
    r"sank|sinks?|sunk|sinking": ("fall", "sank"),
    r"tumbl(?:e|es|ed|ing)": ("fall", "tumbled"),
    r"plummet(?:s|ed|ing)?|nosediv(?:e|es|ed|ing)|dived|dove|diving": ("fall", "plummeted"),
    r"plung(?:e|es|ed|ing)|tank(?:s|ed|ing)": ("fall", "plunged"),
    r"slump(?:s|ed|ing)?": ("fall", "slumped"),
    r"hammered|pummell?ed|battered|clobbered|savaged|decimated": ("fall", "hammered"),
    r"crater(?:s|ed|ing)?": ("fall", "cratered"),
    r"crash(?:es|ed|ing)?": ("fall", "crashed"),
    r"collaps(?:e|es|ed|ing)": ("fall", "collapsed"),
    r"wip(?:e|es|ed|ing)(?: out| off)?": ("fall", "wiped out"),
    r"eras(?:e|es|ed|ing)|vanish(?:es|ed|ing)?|evaporat(?:e|es|ed|ing)|destroy(?:s|ed|ing)?|vapori[sz](?:ed|ing)": (
        "fall",
        "wiped out",
    ),
    r"knock(?:s|ed|ing)?|shav(?:e|es|ed|ing)|lop(?:s|ped|ping)": ("fall", "lost"),
    r"halv(?:e|es|ed|ing)": ("fall", "fell"),
    r"sell-?off|selloff|rout": ("fall", "fell"),
    # rises
    r"rose|ris(?:e|es|en|ing)": ("rise", "rose"),
    r"(?:re)?gain(?:s|ed|ing)?": ("rise", "gained"),
    r"climb(?:s|ed|ing)?": ("rise", "climbed"),
    r"advanc(?:e|es|ed|ing)|add(?:s|ed|ing)?|increas(?:e|es|ed|ing)|firm(?:ed|ing)|strengthen(?:s|ed|ing)?": (
        "rise",
        "rose",
    ),
    r"up|higher|firmer|stronger": ("rise", "rose"),
    r"rebound(?:s|ed|ing)?|bounc(?:e|es|ed|ing)(?: back)?|grew|tick(?:ed|ing)|put on": ("rise", "rose"),
    r"rall(?:y|ies|ied|ying)|recover(?:s|ed|ing)?": ("rise", "rose"),
    r"jump(?:s|ed|ing)?|leap(?:s|ed|t|ing)?|leapt|popp(?:ed|ing)|pops?": ("rise", "jumped"),
    r"surg(?:e|es|ed|ing)|spik(?:e|es|ed|ing)": ("rise", "surged"),
    r"soar(?:s|ed|ing)?": ("rise", "soared"),
    r"skyrocket(?:s|ed|ing)?|rocket(?:s|ed|ing)?": ("rise", "skyrocketed"),
    r"doubl(?:e|es|ed|ing)|tripl(?:e|es|ed|ing)|trebled|quadrupl(?:e|es|ed|ing)|quintupled": ("rise", "rose"),
    # neither
    r"little changed|unchanged|flat|barely (?:changed|moved|budged)|hardly (?:changed|moved)|shrugged off": (
        "none",
        "little changed",
    ),
}

#: verbs that say a move by themselves, where no number stands with them; nouns and particles do not
SAYS_ALONE = (
    r"fell|has fallen|have fallen|slid|dropped|dipped|declined|eased|slipped|retreated|weakened|sank|tumbled|plummeted|"
    r"nosedived|plunged|tanked|slumped|hammered|pummell?ed|battered|clobbered|cratered|crashed|collapsed|rose|gained|"
    r"climbed|advanced|rebounded|rallied|jumped|leapt|surged|spiked|soared|skyrocketed|rocketed|"
    r"little changed|unchanged|"
    r"flat|barely (?:changed|moved|budged)|hardly (?:changed|moved)|shrugged off|lower|higher|lost ground|gained ground"
)

#: a verb that is a multiple of what was there before -> (per cent, direction)
MULTIPLIED: Mapping[str, tuple[str, str]] = {
    r"doubl(?:ed|ing)": ("100", "rise"),
    r"(?:tripl|trebl)(?:ed|ing)": ("200", "rise"),
    r"quadrupl(?:ed|ing)": ("300", "rise"),
    r"quintupl(?:ed|ing)": ("400", "rise"),
    r"halv(?:ed|ing)": ("50", "fall"),
}

#: pattern of the words before a number -> modifier of a claims file
MODIFIERS: Mapping[str, str] = {
    r"more than|over|above|upwards? of|just over|well over|a little over|slightly more than|in excess of|beyond": (
        "more_than"
    ),
    r"at least|no less than|as many as": "at_least",
    r"less than|under|below|just under|just below|fewer than|short of": "less_than",
    r"at most|no more than|not more than": "at_most",
    r"nearly|almost|close to|as good as|just shy of|just short of": "nearly",
    r"about|around|approximately|circa|or so|an estimated|near": "about",
    r"roughly|or thereabouts": "roughly",
    r"some": "some",
    r"exactly|precisely": "exactly",
    r"up to|as much as|by as much as|by up to": "exactly",
}

NUMBERS: Mapping[str, int] = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip

ORDINALS: Mapping[str, int] = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9,
    "tenth": 10, "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15,
}  # fmt: skip

#: a part of a whole -> per cent
FRACTIONS: Mapping[str, str] = {
    r"(?:a|one)[ -]half|half": "50",
    r"(?:a|one)[ -]third": "33.3",
    r"two[ -]thirds": "66.7",
    r"(?:a|one)[ -]quarter|(?:a|one)[ -]fourth": "25",
    r"three[ -]quarters": "75",
    r"(?:a|one)[ -]fifth": "20",
    r"two[ -]fifths": "40",
    r"three[ -]fifths": "60",
    r"four[ -]fifths": "80",
    r"(?:a|one)[ -]sixth": "16.7",
    r"(?:a|one)[ -]seventh": "14.3",
    r"(?:a|one)[ -]eighth": "12.5",
    r"(?:a|one)[ -]tenth": "10",
}

#: sign or word of a currency -> its code in a claims file
CURRENCIES: Mapping[str, str] = {
    "US$": "usd", "NT$": "twd", "$": "usd", "€": "eur", "£": "gbp", "¥": "jpy",
    "dollars": "usd", "dollar": "usd", "euros": "eur", "euro": "eur", "pounds": "gbp", "yen": "jpy", "usd": "usd",
    "eur": "eur", "gbp": "gbp", "jpy": "jpy",
}  # fmt: skip

#: word of a scale -> the ending of the unit
SCALES: Mapping[str, str] = {
    "trillion": "tn", "trn": "tn", "tn": "tn", "t": "tn", "billion": "bn", "bn": "bn", "b": "bn", "million": "mn",
    "mn": "mn", "m": "mn", "mln": "mn", "bln": "bn", "tln": "tn",
}  # fmt: skip

#: what a percentage or a sum is of, where it is not of prices
NOT_PRICES = (
    r"revenues?|sales|profits?|earnings|income|dividends?|margins?|guidance|forecasts?|spending|costs?|expenses|"
    r"capital expenditure|capex|orders|deliveries|shipments|subscribers|users|customers|workers|jobs|workforce|staff|"
    r"stake|tariffs?|duty|duties|tax(?:es)?|inflation|consumer prices|economy|gross domestic product|gdp|unemployment|"
    r"yields?|interest rates?|basis points|odds|probability|chances?|market share|production|output|demand|debt|"
    r"fine|fined|settlement|bookings|backlog|exports|imports|turnover|cash flow|ebitda|discount|premium|raise its|"
    r"raised its|wages|votes?|polls?|growth|fees|funding|train|budget|buybacks?|repurchases?|short interest|float|"
    r"rates?|traffic|inventor(?:y|ies)|order book|e-commerce|headcount|productivity|loans|deposits|provisions|rents?|"
    r"selling prices|ticket prices|memberships?|downloads|registrations|passengers|capacity|holding|"
    r"account(?:s|ed|ing) for|represent(?:s|ed|ing)|weight(?:ing)?"
)
