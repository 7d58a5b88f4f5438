#!/usr/bin/env python3
"""Writes a flat ASN.1 schema from a table of interface facts.

    python3 generate.py FACTS.json csae53_2020.asn

FACTS.json has one entry a type: kind, range or size, fields, enumerators, named bits. The schema that comes out is the
one that is committed and built; this script runs only when the table of facts is corrected. One module, no EXPORTS, no
imports, open types as OCTET STRING, every constraint at the type itself: what the schema compilers in use take as is.
"""

import json
import sys
import textwrap

HEAD = """\
-- T/CSAE 53-2020, "Cooperative intelligent transportation system; vehicular communication; application layer
-- specification and data exchange standard": the messages BSM, MAP, RSM, SPAT and RSI, as one flat module.
-- Names, order, ranges and sizes are those of the standard; the text is our own. Written by generate.py.

"""


def bounds(low, high, extensible):
    text = str(low) if low == high else f"{low}..{high}"
    return text + (", ..." if extensible else "")


def builtin(kind, fact):
    """A type that is no list, with its constraint."""
    if kind == "INTEGER":
        low, high = fact["range"]
        return f"INTEGER ({low}..{high})"
    if kind in ("OCTET STRING", "IA5String", "BIT STRING"):
        bits = ""
        if fact.get("bits"):
            named = sorted(fact["bits"].items(), key=lambda item: item[1])
            bits = " {\n" + ",\n".join(f"    {name}({bit})" for name, bit in named) + "\n}"
        low, high = fact["size"]
        return f"{kind}{bits} (SIZE({bounds(low, high, fact.get('size_ext'))}))"
    raise SystemExit(f"no text for {kind}: {fact}")


def reference(fact):
    """The type of a component: a name, or a type in place."""
    return fact["type"] if "type" in fact else builtin(fact["kind"], fact)


def listing(items, extensible):
    lines = items + (["..."] if extensible else [])
    return " {\n" + ",\n".join(f"    {line}" for line in lines) + "\n}"


def definition(fact):
    kind = fact["kind"]
    extensible = fact.get("extensible")
    if fact.get("additions"):
        raise SystemExit(f"extension additions are not foreseen: {fact}")
    if kind == "SEQUENCE":
        fields = [f"{f['name']} {reference(f)}{' OPTIONAL' if f.get('optional') else ''}" for f in fact["fields"]]
        return "SEQUENCE" + listing(fields, extensible)
    if kind == "CHOICE":
        return "CHOICE" + listing([f"{a['name']} {reference(a)}" for a in fact["alternatives"]], extensible)
    if kind == "ENUMERATED":
        values = sorted(fact["values"].items(), key=lambda item: item[1])
        return "ENUMERATED" + listing([f"{name}({value})" for name, value in values], extensible)
    if kind == "SEQUENCE OF":
        low, high = fact["size"]
        return f"SEQUENCE (SIZE({bounds(low, high, fact.get('size_ext'))})) OF {reference(fact['of'])}"
    return builtin(kind, fact)


def meaning(fact):
    """Unit and special values, as a comment."""
    words = []
    if "unit" in fact:
        words.append(f"{fact['scale']:g} {fact['unit']}" if "scale" in fact else fact["unit"])
    words += [f"{value}: {what}" for value, what in fact.get("special", {}).items()]
    return textwrap.indent("; ".join(words), "-- ") + "\n" if words else ""


def main():
    facts, out = sys.argv[1:]
    with open(facts, encoding="utf-8") as file:
        types = json.load(file)["types"]
    first = "MessageFrame"
    names = [first] + [name for name in types if name != first]
    body = "\n\n".join(f"{meaning(types[name])}{name} ::= {definition(types[name])}" for name in names)
    with open(out, "w", encoding="utf-8") as file:
        file.write(f"{HEAD}Csae53 DEFINITIONS AUTOMATIC TAGS ::= BEGIN\n\n{body}\n\nEND\n")


if __name__ == "__main__":
    main()
