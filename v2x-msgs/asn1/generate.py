#!/usr/bin/env python3
"""Writes the flat ASN.1 schemas of all profiles from tables of interface facts.

    python3 generate.py FOLDER          FOLDER has csae.json and j2735.json; the schemas appear beside this script

j2735_more.json, beside this script, has what j2735.json has not: the messages that are neither basic nor of the roadside,
and what open types hold.

A table has one entry a type: kind, range or size, fields, enumerators, named bits. The schemas that come out are the ones
that are committed and built; this script runs only when a table of facts is corrected. One module, no EXPORTS, no imports,
every constraint at the type itself, no anonymous type inside another: what the schema compilers in use take as is.

What the text of ASN.1 cannot say without information object classes stands in comments that begin with `--@`, and
build.rs reads them: `selected TYPE COMPONENT SELECTOR` (the octets COMPONENT of TYPE are an open type: the number SELECTOR
beside them says what they hold), `open TYPE NUMBER NAME` (when that is NUMBER, they hold a NAME), `experimental NAME` (nobody has seen one on air), `oid TYPE` and `relative-oid TYPE` (octets that are an object identifier; the bytes are the same).
"""

import copy
import json
import sys
import textwrap
from pathlib import Path

CSAE53 = """\
T/CSAE 53-2020, "Cooperative intelligent transportation system; vehicular communication; application layer
specification and data exchange standard": the messages BSM, MAP, RSM, SPAT and RSI, as one flat module."""
YDT3709 = """\
YD/T 3709-2020: the same messages as T/CSAE 53-2020. Seven types differ on the wire: NodeList, ConnectsToList,
Link, PathPointList, DHour, DTimeOffset and FullPositionVector. As one flat module."""
CSAE157 = """\
T/CSAE 157-2020 (Day II) on top of T/CSAE 53-2020: RTCM, PAM, CLPMM, PSM, RSC, SSM, VIR and test messages in the extension of
the frame, and the extended MAP. Reconstructed from implementations; but for the frame and CLPMM, which a third-party frame
proves, nobody has seen these types on air: experimental. As one flat module."""
J2735 = """\
SAE J2735 (2024-09), with SAE J3224 (SDSM) and SAE J2945/4 (RSM): as one flat module. The editions since 2016 are the same
on the wire but for extension additions."""
OURS = """\
Names, order, ranges and sizes are those of the standard; the text is our own. Written by generate.py."""


def bounds(low, high, extensible):
    text = str(low) if low == high else f"{low}..{high}"
    return text + (", ..." if extensible else "")


def size(fact):
    if "size" not in fact:
        return ""
    low, high = fact["size"]
    return f" (SIZE({bounds(low, high, fact.get('size_ext'))}))"


def builtin(kind, fact):
    """A type that is no list and has no parts, with its constraint."""
    if kind == "INTEGER":
        if "range" not in fact:
            return "INTEGER"
        low, high = fact["range"]
        return f"INTEGER ({bounds(low, high, fact.get('range_ext'))})"
    if kind in ("OCTET STRING", "IA5String", "BIT STRING"):
        bits = ""
        if fact.get("bits"):
            named = sorted(fact["bits"].items(), key=lambda item: item[1])
            bits = " {\n" + ",\n".join(f"    {name}({bit})" for name, bit in named) + "\n}"
        return f"{kind}{bits}{size(fact)}"
    if kind in ("BOOLEAN", "NULL"):
        return kind
    if kind in ("OBJECT IDENTIFIER", "RELATIVE-OID", "OPEN TYPE"):
        return "OCTET STRING"
    raise SystemExit(f"no text for {kind}: {fact}")


def reference(fact):
    """The type of a component: a name, or a type in place."""
    if "type" in fact:
        return fact["type"]
    if fact["kind"] == "SEQUENCE OF":
        return listed(fact)
    return builtin(fact["kind"], fact)


def listed(fact):
    return f"SEQUENCE{size(fact)} OF {reference(fact['of'])}"


def listing(items, extensible, additions=()):
    lines = items + (["..."] if extensible or additions else []) + list(additions)
    return " {\n" + ",\n".join(f"    {line}" for line in lines) + "\n}"


def parts(members, line):
    root = [line(m) for m in members if not m.get("extension")]
    added = [line(m) for m in members if m.get("extension")]
    if [bool(m.get("extension")) for m in members] != [False] * len(root) + [True] * len(added):
        raise SystemExit(f"extension additions must come last: {members}")
    return root, added


def definition(fact):
    kind = fact["kind"]
    extensible = fact.get("extensible")
    if kind == "SEQUENCE":
        root, added = parts(
            fact["fields"],
            # A sender of an older edition leaves out an addition, mandatory or not; its presence bit is there either way.
            lambda f: f"{f['name']} {reference(f)}{' OPTIONAL' if f.get('optional') or f.get('extension') else ''}",
        )
        return "SEQUENCE" + listing(root, extensible, added)
    if kind == "CHOICE":
        root, added = parts(fact["alternatives"], lambda a: f"{a['name']} {reference(a)}")
        return "CHOICE" + listing(root, extensible, added)
    if kind == "ENUMERATED":
        values = sorted(fact["values"].items(), key=lambda item: item[1])
        added = sorted(fact.get("added", {}).items(), key=lambda item: item[1])
        lines = [[f"{name}({value})" for name, value in some] for some in (values, added)]
        return "ENUMERATED" + listing(lines[0], extensible, lines[1])
    if kind == "SEQUENCE OF":
        return listed(fact)
    return builtin(kind, fact)


def lift(types):
    """Gives every anonymous type that has parts, or a form of its own in JSON, a name: that of the type around it and that
    of the component."""
    waiting = list(types.items())
    result = {}

    def named(fact, name):
        lifted = ("SEQUENCE", "CHOICE", "ENUMERATED", "OBJECT IDENTIFIER", "RELATIVE-OID")
        if fact.get("kind") in lifted and "type" not in fact:
            if name in types or name in result:
                raise SystemExit(f"{name} is there already")
            inner = {k: v for k, v in fact.items() if k not in ("name", "optional", "extension")}
            waiting.insert(0, (name, inner))
            outer = {k: v for k, v in fact.items() if k in ("name", "optional", "extension")}
            return {**outer, "type": name}
        return fact

    while waiting:
        name, fact = waiting.pop(0)
        fact = copy.deepcopy(fact)
        result[name] = fact
        for members in ("fields", "alternatives"):
            if members in fact:
                fact[members] = [named(m, f"{name}-{m['name']}") for m in fact[members]]
                for member in fact[members]:
                    if "of" in member:
                        member["of"] = named(member["of"], f"{name}-{member['name']}-Item")
        if "of" in fact:
            fact["of"] = named(fact["of"], f"{name}-Item")
    return result


def subtypes_in_place(types):
    """A component may narrow the range of the type that it refers to: then its own range is what counts."""

    def narrowed(fact):
        if "type" not in fact:
            return fact
        whole = types.get(fact["type"], {})
        own = [fact.get(k) for k in ("range", "size")]
        if any(o is not None and o != whole.get(k) for o, k in zip(own, ("range", "size"))):
            kept = {k: v for k, v in fact.items() if k not in ("type", "base", "module")}
            return {**kept, "kind": fact["base"]}
        return fact

    result = copy.deepcopy(types)
    for fact in result.values():
        for members in ("fields", "alternatives"):
            if members in fact:
                fact[members] = [narrowed(m) for m in fact[members]]
    return result


def one_regional_extension_a_container(types):
    """Which octets a regional extension holds depends on what it extends: each container gets a type of its own."""
    regional = types.pop("RegionalExtension")
    result = {}
    for name, fact in types.items():
        fact = copy.deepcopy(fact)
        own = f"Reg-{name}"
        used = False
        for member in fact.get("fields", []) + fact.get("alternatives", []):
            for place in (member, member.get("of", {})):
                if place.get("type") == "RegionalExtension":
                    place["type"] = own
                    used = True
        result[name] = fact
        if used:
            result[own] = copy.deepcopy(regional)
    return result


def meaning(fact):
    """Unit and special values, as a comment."""
    words = []
    if "unit" in fact:
        scale = fact.get("scale")
        words.append(fact["unit"] if scale is None else f"{scale:g} {fact['unit']}")
    words += [f"{value}: {what}" for value, what in fact.get("special", {}).items()]
    if fact.get("status", "").startswith("verified"):
        words.append(fact["status"])
    return textwrap.indent("; ".join(words), "-- ") + "\n" if words else ""


def annotations(types, opens):
    lines = [
        f"selected {name} {field['name']} {field['selected_by']}"
        for name, fact in types.items()
        for field in fact.get("fields", [])
        if "selected_by" in field
    ]
    lines += [f"open {container} {selector} {name}" for container, selector, name in opens if name in types]
    lines += [
        f"experimental {name}"
        for _, _, name in opens
        if "unverified" in types.get(name, {}).get("status", "")
    ]
    lines += [f"oid {name}" for name, fact in types.items() if fact["kind"] == "OBJECT IDENTIFIER"]
    lines += [f"relative-oid {name}" for name, fact in types.items() if fact["kind"] == "RELATIVE-OID"]
    return "".join(f"--@ {line}\n" for line in lines)


def write(file, module, head, types, opens=()):
    types = lift(types)
    first = "MessageFrame"
    names = [first] + [name for name in types if name != first]
    body = "\n\n".join(f"{meaning(types[name])}{name} ::= {definition(types[name])}" for name in names)
    marks = annotations(types, opens)
    text = textwrap.indent(f"{head}\n{OURS}", "-- ") + "\n" + ("--\n" + marks if marks else "")
    text += f"\n{module} DEFINITIONS AUTOMATIC TAGS ::= BEGIN\n\n{body}\n\nEND\n"
    if "[[" in text:
        raise SystemExit("groups of additions are mis-parsed")
    with open(Path(__file__).with_name(file), "w", encoding="utf-8") as out:
        out.write(text)


def main():
    folder = Path(sys.argv[1])
    csae = json.loads((folder / "csae.json").read_text(encoding="utf-8"))
    j2735 = json.loads((folder / "j2735.json").read_text(encoding="utf-8"))

    day1 = csae["types"]
    for types in (day1, {**day1, **csae["day2"]}):
        if subtypes_in_place(types) != types:
            raise SystemExit("a component of CSAE narrows its type: nothing here provides for that")
    write("csae53_2020.asn", "Csae53", CSAE53, day1)
    write("ydt3709_2020.asn", "Ydt3709", YDT3709, {**day1, **csae["yd_t_3709_2020_differences"]})
    ids = csae["ext_message_ids"]["ids"]
    opens = [("MessageFrameExt", number, name) for name, number in ids.items()]
    write("csae157_2020.asn", "Csae157", CSAE157, {**day1, **csae["day2"]}, opens)

    more = json.loads(Path(__file__).with_name("j2735_more.json").read_text(encoding="utf-8"))
    types = one_regional_extension_a_container(subtypes_in_place({**j2735["types"], **more["types"]}))
    write("j2735_2024.asn", "J2735", J2735, types, more["opens"])


if __name__ == "__main__":
    main()
