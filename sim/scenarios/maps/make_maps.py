#!/usr/bin/env python3
"""Draws the site maps beside it: four_arm, corridor_1..3, corridor_road, yard and parking (schema rsu.site-map/1), and the
corridor's road in SUMO's format.

Run it in its own folder after changing a figure; the JSON files are committed, nothing at run time needs Python.
Everything is in `enu` metres, x east, y north, right-hand traffic. Lanes are numbered from the centre of the road.
"""
import json
import math

LANE = 3.5  # width of a motor lane
BIKE = 2.0  # width of a bicycle lane
GAP = 0.5  # painted strip between motor lanes and bicycle lane
STOP = 17.0  # stop line, metres from the centre of the crossing
WALK = 13.5  # centre of a crosswalk, metres from the centre of the crossing
WALK_W = 4.0
ARM = 150.0  # end of an arm, metres from the centre of the crossing
LIMIT = 50 / 3.6


def r(point):
    return [round(c, 3) + 0.0 for c in point]


def at(origin, d, along, right):
    """A point `along` an arm that points to `d`, and `right` of somebody who looks along it."""
    return (origin[0] + d[0] * along + d[1] * right, origin[1] + d[1] * along - d[0] * right)


def curve(p0, d0, p1, d1, n=12):
    """A smooth turn: cubic Bezier, for a right angle within 0.03 % of a quarter of an ellipse."""
    chord = (p1[0] - p0[0], p1[1] - p0[1])
    if abs(d0[0] * d1[1] - d0[1] * d1[0]) < 1e-9 and d0[0] * d1[0] + d0[1] * d1[1] > 0:
        return [r(p0), r(p1)]
    if d0[0] * d1[0] + d0[1] * d1[1] < -0.5:  # turn back
        k = k1 = 4 / 3 * math.hypot(*chord) / 2
    else:
        k = 0.5523 * abs(chord[0] * d0[0] + chord[1] * d0[1])
        k1 = 0.5523 * abs(chord[0] * d1[0] + chord[1] * d1[1])
    a = (p0[0] + k * d0[0], p0[1] + k * d0[1])
    b = (p1[0] - k1 * d1[0], p1[1] - k1 * d1[1])
    out = []
    for i in range(n + 1):
        t = i / n
        w = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        out.append(r([w[0] * p0[j] + w[1] * a[j] + w[2] * b[j] + w[3] * p1[j] for j in (0, 1)]))
    return out


def lane(number, kind, width, line, connections=()):
    out = {"id": number}
    if kind != "vehicle":
        out["kind"] = kind
    out["width_m"] = width
    out["centreline"] = [r(p) for p in line]
    if connections:
        out["connections"] = list(connections)
    return out


def connect(to_link, to_lane, turn, group, path):
    out = {"to_link": to_link, "to_lane": to_lane, "turn": turn}
    if group:
        out["signal_group"] = group
    out["path"] = path
    return out


def link(name, a, b, lanes, limit=LIMIT):
    return {
        "name": name,
        "from": {"region": 1, "id": a},
        "to": {"region": 1, "id": b},
        "speed_limit_mps": round(limit, 3),
        "lanes": lanes,
    }


# Right of the centre line: two motor lanes, a painted strip, the bicycle lane.
OFFSETS = {1: LANE / 2, 2: LANE * 1.5, 3: 2 * LANE + GAP + BIKE / 2}
KERB = 2 * LANE + GAP + BIKE


def four_arm():
    """Two lanes in (left; straight and right) and two out on each arm, bicycle lanes, four crosswalks, groups 1..8."""
    arms = {"north": (0, 1), "east": (1, 0), "south": (0, -1), "west": (-1, 0)}
    names = list(arms)
    # 1 north-south straight and right, 2 north-south left, 3 east-west straight and right, 4 east-west left,
    # 5..8 crosswalk over the north, east, south, west arm.
    through = {"north": 1, "south": 1, "east": 3, "west": 3}
    left = {"north": 2, "south": 2, "east": 4, "west": 4}
    o = (0.0, 0.0)
    links, walks = [], []
    for i, name in enumerate(names):
        d = arms[name]
        back = (-d[0], -d[1])
        # Seen from a driver who arrives: the arm straight on is opposite, the arm on the left follows clockwise.
        to = {"straight": names[(i + 2) % 4], "left": names[(i + 1) % 4], "right": names[(i + 3) % 4]}

        def start(arm, number):
            return at(o, arms[arm], STOP, OFFSETS[number])

        lanes = []
        plan = {1: [("left", 1)], 2: [("straight", 2), ("right", 2)], 3: [("straight", 3), ("right", 3)]}
        for number, off in OFFSETS.items():
            stop = at(o, d, STOP, -off)
            ways = []
            for turn, target in plan[number]:
                group = left[name] if turn == "left" else through[name]
                path = curve(stop, back, start(to[turn], target), arms[to[turn]])
                ways.append(connect(to[turn] + "-out", target, turn, group, path))
            kind, width = ("bicycle", BIKE) if number == 3 else ("vehicle", LANE)
            lanes.append(lane(number, kind, width, [at(o, d, ARM, -off), stop], ways))
        links.append(link(name + "-in", 101 + i, 100, lanes))
        lanes = []
        for number, off in OFFSETS.items():
            kind, width = ("bicycle", BIKE) if number == 3 else ("vehicle", LANE)
            lanes.append(lane(number, kind, width, [at(o, d, STOP, off), at(o, d, ARM, off)]))
        links.append(link(name + "-out", 100, 101 + i, lanes))
        walks.append(
            {
                "name": name + "-walk",
                "width_m": WALK_W,
                "centreline": [r(at(o, d, WALK, -KERB)), r(at(o, d, WALK, KERB))],
                "signal_group": 5 + i,
            }
        )
    return site("Four-arm crossing", 100, links, walks)


def site(name, node, links, walks=()):
    out = {"schema": "rsu.site-map/1", "name": name, "node": {"region": 1, "id": node}, "links": links}
    if walks:
        out["crosswalks"] = list(walks)
    return out


def corridor(name, node, x, reach):
    """A plain node at `x` of an east-west road with two lanes a way, no signals; links reach `reach` to both sides."""
    west, east = node - 1, node + 1
    half = 2.0
    links = []

    def road(name, a, b, x0, x1, side, onto=None):
        lanes = []
        for n in (1, 2):
            y = side * OFFSETS[n]
            away = x1 + math.copysign(2 * half, x1 - x0)
            ways = [connect(onto, n, "straight", None, [r((x1, y)), r((away, y))])] if onto else ()
            lanes.append(lane(n, "vehicle", LANE, [(x0, y), (x1, y)], ways))
        links.append(link(name, a, b, lanes, 60 / 3.6))

    road("west-in", west, node, x - reach, x - half, -1, "east-out")
    road("east-out", node, east, x + half, x + reach, -1)
    road("east-in", east, node, x + reach, x + half, 1, "west-out")
    road("west-out", node, west, x - half, x - reach, 1)
    return site(name, node, links)


def yard():
    """A yard for trucks and AGVs: a gate with a signal on the road in, a loop round the stacks, one crosswalk.

    The road to the gate comes from the west; behind the gate (node 300) it splits to the north aisle (AGV transfer)
    and to the south aisle (trucks). Both aisles lead back to the gate's way out."""
    w = 5.0
    d = {"w": (-1, 0), "e": (1, 0), "n": (0, 1), "s": (0, -1)}
    gate_in = (-12.0, -w / 2)
    gate_out = (-12.0, w / 2)
    north_start, north_end = (8.0 + w / 2, 14.0), (8.0 - w / 2, 14.0)
    south_start, south_end = (8.0 - w / 2, -14.0), (8.0 + w / 2, -14.0)
    slow, crawl = 20 / 3.6, 15 / 3.6
    links = [
        link("gate-in", 301, 300, [lane(1, "vehicle", w, [(-120, -w / 2), gate_in], [
            connect("north-aisle-out", 1, "left", 1, curve(gate_in, d["e"], north_start, d["n"])),
            connect("south-aisle-out", 1, "right", 1, curve(gate_in, d["e"], south_start, d["s"])),
        ])], slow),
        link("gate-out", 300, 301, [lane(1, "vehicle", w, [gate_out, (-120, w / 2)])], slow),
        link("north-aisle-out", 300, 302, [lane(1, "vehicle", w, [north_start, (8 + w / 2, 100)])], crawl),
        link("north-aisle-in", 302, 300, [lane(1, "vehicle", w, [(8 - w / 2, 100), north_end], [
            connect("gate-out", 1, "right", 2, curve(north_end, d["s"], gate_out, d["w"])),
            connect("south-aisle-out", 1, "straight", 2, curve(north_end, d["s"], south_start, d["s"])),
        ])], crawl),
        link("south-aisle-out", 300, 303, [lane(1, "vehicle", w, [south_start, (8 - w / 2, -100)])], crawl),
        link("south-aisle-in", 303, 300, [lane(1, "vehicle", w, [(8 + w / 2, -100), south_end], [
            connect("gate-out", 1, "left", 3, curve(south_end, d["n"], gate_out, d["w"])),
            connect("north-aisle-out", 1, "straight", 3, curve(south_end, d["n"], north_start, d["n"])),
        ])], crawl),
    ]
    walks = [{"name": "gate-walk", "width_m": 3.0, "centreline": [[-16.0, -w - 1.0], [-16.0, w + 1.0]], "signal_group": 4}]
    return site("Yard with a gate", 300, links, walks)


def parking():
    """A one-way aisle between two rows of bays, from west to east."""
    half = 2.0
    links = [
        link("aisle-in", 401, 400, [lane(1, "vehicle", 5.0, [(-70.0, 0.0), (-half, 0.0)], [
            connect("aisle-out", 1, "straight", None, [r((-half, 0.0)), r((half, 0.0))]),
        ])], 15 / 3.6),
        link("aisle-out", 400, 402, [lane(1, "vehicle", 5.0, [(half, 0.0), (70.0, 0.0)])], 15 / 3.6),
    ]
    return site("Parking area", 400, links)


def sumo_road(x, limit):
    """The road of `corridor_road` in SUMO's format: two lanes a way, numbered from the kerb."""
    edges = []
    for name, a, b, sign in (("east", "w", "e", 1), ("west", "e", "w", -1)):
        lanes = []
        for index, off in enumerate((OFFSETS[2], OFFSETS[1])):
            shape = f"{-sign * x:.2f},{-sign * off:.2f} {sign * x:.2f},{-sign * off:.2f}"
            lanes.append(
                f'        <lane id="{name}_{index}" index="{index}" speed="{limit:.2f}" length="{2 * x:.2f}" '
                f'width="{LANE:.2f}" shape="{shape}"/>'
            )
        edges.append(f'    <edge id="{name}" from="{a}" to="{b}" priority="1">\n' + "\n".join(lanes) + "\n    </edge>")
    nodes = [
        f'    <junction id="{n}" type="dead_end" x="{at:.2f}" y="0.00" incLanes="{lanes}" intLanes="" shape=""/>'
        for n, at, lanes in (("w", -x, "west_0 west_1"), ("e", x, "east_0 east_1"))
    ]
    body = "\n".join(edges + nodes)
    bounds = f"{-x:.2f},{-OFFSETS[2]:.2f},{x:.2f},{OFFSETS[2]:.2f}"
    location = f'    <location netOffset="0.00,0.00" convBoundary="{bounds}" origBoundary="{bounds}" projParameter="!"/>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<net version="1.20">\n{location}\n{body}\n</net>\n'


def text(value, indent=0):
    """JSON with points and other small values on one line, so that a person can read and edit it."""
    flat = json.dumps(value)
    if len(flat) + indent <= 116:
        return flat
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        rows = [f"{pad}{json.dumps(k)}: {text(v, indent + 2)}" for k, v in value.items()]
        return "{\n" + ",\n".join(rows) + "\n" + " " * indent + "}"
    rows = [pad + text(v, indent + 2) for v in value]
    return "[\n" + ",\n".join(rows) + "\n" + " " * indent + "]"


for stem, value in {
    "four_arm": four_arm(),
    # Three units 220 m apart; all share one origin, that of unit 2. `corridor_road` is the whole road in one piece.
    "corridor_1": corridor("Corridor, unit 1 of 3", 211, -220.0, 110.0),
    "corridor_2": corridor("Corridor, unit 2 of 3", 212, 0.0, 110.0),
    "corridor_3": corridor("Corridor, unit 3 of 3", 213, 220.0, 110.0),
    "corridor_road": corridor("Corridor, the whole road", 202, 0.0, 330.0),
    "yard": yard(),
    "parking": parking(),
}.items():
    with open(stem + ".json", "w", encoding="utf-8") as f:
        f.write(text(value) + "\n")
with open("corridor.net.xml", "w", encoding="utf-8") as f:
    f.write(sumo_road(330.0, 60 / 3.6))
