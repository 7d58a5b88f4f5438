"""Top view of a lidar recording with the boxes that `rsu detect` finds in it.

    python3 docs/img/plot_clusters.py RSU FILE.f64.bin OUT.png      (needs numpy and matplotlib)
"""
import json
import subprocess
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np

rsu, recording, out = sys.argv[1:4]
kind = np.float32 if recording.endswith(".f32.bin") or "fg" in recording else np.float64
points = np.fromfile(recording, kind).reshape(-1, 4).astype(float)
points = points[np.hypot(points[:, 0], points[:, 1]) > 1.0]
text = subprocess.run([rsu, "detect", recording, "--cluster", "--json"], check=True, capture_output=True, text=True)
seen = json.loads(text.stdout.splitlines()[0])["detections"]
colours = {"car": "#e5484d", "truck": "#8a2be2", "bus": "#8a2be2", "pedestrian": "#e08000", "bicycle": "#0a8f4f"}


def corners(b):
    yaw = b["yaw"] or 0.0
    c, s = np.cos(yaw), np.sin(yaw)
    x = np.array([1, 1, -1, -1, 1]) * b["length"] / 2
    y = np.array([1, -1, -1, 1, 1]) * b["width"] / 2
    return b["x"] + c * x - s * y, b["y"] + s * x + c * y


def draw(axes, window):
    axes.scatter(points[:, 0], points[:, 1], c=np.clip(points[:, 2], -2.3, 1.5), s=1.5, cmap="viridis", linewidths=0)
    for d in seen:
        colour = colours.get(d["class"], "#555555")
        axes.plot(*corners(d["box"]), color=colour, lw=1.6)
        axes.annotate(
            f'{d["class"]} {d["score"]:.2f}', (d["box"]["x"], d["box"]["y"]), xytext=(6, 6), textcoords="offset points",
            color=colour, fontsize=9, annotation_clip=True,
        )
    axes.set_xlim(window[0], window[1])
    axes.set_ylim(window[2], window[3])
    axes.set_aspect("equal")
    axes.grid(alpha=0.25)
    axes.set_xlabel("x, m")
    axes.set_ylabel("y, m")


wide = "fg" in recording
figure, axes = plt.subplots(1, 2, figsize=(20, 10))
draw(axes[0], (-75, 75, -75, 75) if wide else (-65, 75, -80, 60))
draw(axes[1], (-10, 60, -30, 40) if wide else (0, 60, -60, 0))
axes[0].set_title("the whole crossing")
axes[1].set_title("a part of it")
figure.tight_layout()
figure.savefig(out, dpi=75)
