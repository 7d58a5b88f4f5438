#!/usr/bin/env python3
"""Writes the calibration files of the simulated units (schema rsu.calibration/1) from where each sensor looks.

Run it in its own folder after changing a figure; the TOML files are committed, nothing at run time needs Python.
`heading` is in degrees clockwise from north, `down` in degrees below the horizon.
"""
import math
import os

CAMERAS = {  # file: (name, east, north, up, heading, down, fx)
    "x01-cam-sw": ("cam-sw", 13.0, 13.0, 8.0, 225.0, 20.0, 800.0),
    "x01-cam-ne": ("cam-ne", -13.0, -13.0, 8.0, 45.0, 20.0, 800.0),
    "y01-gate": ("gate", -30.0, -8.0, 9.0, 275.0, 14.0, 900.0),
    "y01-aisle": ("aisle", -2.0, 16.0, 9.0, 62.0, 14.0, 900.0),
    "p01-rows": ("rows", -34.0, 9.0, 8.0, 110.0, 14.0, 900.0),
}
LIDARS = {  # file: (name, east, north, up, heading, down)
    "x01-mast": ("mast", 13.0, 13.0, 6.5, 225.0, 0.0),
    "y01-mast": ("mast", -2.0, 16.0, 8.0, 180.0, 0.0),
    "p01-mast": ("mast", -4.0, 13.0, 9.0, 180.0, 0.0),
}
for number, east in ((1, -220.0), (2, 0.0), (3, 220.0)):
    CAMERAS[f"c0{number}-cam-e"] = ("cam-e", east, 10.5, 9.0, 96.0, 9.0, 1300.0)
    CAMERAS[f"c0{number}-cam-w"] = ("cam-w", east, 10.5, 9.0, 264.0, 9.0, 1300.0)
    LIDARS[f"c0{number}-mast"] = ("mast", east, 10.5, 8.0, 180.0, 0.0)


def quaternion(rows):
    """Unit quaternion (scalar first) of a rotation matrix."""
    m = rows
    trace = m[0][0] + m[1][1] + m[2][2]
    w = math.sqrt(max(0.0, 1 + trace)) / 2
    x = math.copysign(math.sqrt(max(0.0, 1 + m[0][0] - m[1][1] - m[2][2])) / 2, m[2][1] - m[1][2])
    y = math.copysign(math.sqrt(max(0.0, 1 - m[0][0] + m[1][1] - m[2][2])) / 2, m[0][2] - m[2][0])
    z = math.copysign(math.sqrt(max(0.0, 1 - m[0][0] - m[1][1] + m[2][2])) / 2, m[1][0] - m[0][1])
    return w, x, y, z


def pose(axes, east, north, up):
    """`axes`: the sensor's x, y, z axes in enu."""
    rows = [[axes[c][r] for c in range(3)] for r in range(3)]
    q = ", ".join(f"{v:.9f}" for v in quaternion(rows))
    return f"""[pose]
translation_m = [{east}, {north}, {up}]
rotation_wxyz = [{q}]
sigma = {{ position_m = 0.02, rotation_deg = 0.1 }}
"""


def looking(heading, down):
    yaw, tilt = math.radians(90 - heading), math.radians(down)
    forward = (math.cos(yaw) * math.cos(tilt), math.sin(yaw) * math.cos(tilt), -math.sin(tilt))
    left = (-math.sin(yaw), math.cos(yaw), 0.0)
    up = (math.cos(yaw) * math.sin(tilt), math.sin(yaw) * math.sin(tilt), math.cos(tilt))
    return forward, left, up


def write(stem, name, body):
    head = f"""schema = "rsu.calibration/1"
parent = "enu"
child  = "{name}"
method = "simulated"

"""
    with open(os.path.join("calib", stem + ".toml"), "w", encoding="utf-8") as f:
        f.write(head + body)


for stem, (name, east, north, up, heading, down, fx) in CAMERAS.items():
    forward, left, above = looking(heading, down)
    minus = lambda v: tuple(-c for c in v)
    lens = f"""
[camera]
width  = 1920
height = 1080
fx = {fx}
fy = {fx}
cx = 959.5
cy = 539.5
lens = "brown-conrady"
coefficients = [-0.05, 0.004, 0.0002, -0.0001, 0.0]
"""
    write(stem, name, pose((minus(left), minus(above), forward), east, north, up) + lens)
for stem, (name, east, north, up, heading, down) in LIDARS.items():
    write(stem, name, pose(looking(heading, down), east, north, up))
