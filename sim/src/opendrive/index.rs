//! Which stretches of road are near a point: a tree of boxes over chords of the reference lines, each wide enough for the
//! road. Building takes O(n log n), a search O(log n + found).

use super::RoadIndex;
use super::line::Shape;
use super::road::Road;

/// A chord is this far from its curve at most, metres, as long as there are not too many of them.
const SAG_M: f64 = 0.25;
/// Longest chord, metres.
const CHORD_M: f64 = 50.0;
/// Chords of a network, about.
const CHORDS: f64 = 1e6;
/// Chords in a leaf.
const LEAF: usize = 4;

/// The tree.
#[derive(Clone, Debug, Default)]
pub struct Index {
    nodes: Vec<Node>,
    chords: Vec<Chord>,
}

/// A stretch of a road and its box.
#[derive(Copy, Clone, Debug)]
pub struct Chord {
    /// The road.
    pub road: RoadIndex,
    /// From here, metres along the road.
    pub from: f64,
    /// To here.
    pub to: f64,
    ends: [[f64; 2]; 2],
    /// No chord of this road ends where this one begins.
    first: bool,
    /// End of the chord that goes on where this one ends.
    next: Option<[f64; 2]>,
    /// The road reaches this far from the chord at most, metres.
    margin: f64,
}

/// A box, x and y from and to.
#[derive(Copy, Clone, Debug)]
struct Area([[f64; 2]; 2]);

/// A box and what it holds: a leaf's chords, or where its second child is (the first one follows it).
#[derive(Copy, Clone, Debug)]
struct Node {
    area: Area,
    first: usize,
    count: usize,
    second: usize,
}

impl Area {
    fn of(chord: &Chord) -> Self {
        Self([0, 1].map(|axis| {
            let (a, b) = (chord.ends[0][axis], chord.ends[1][axis]);
            [a.min(b) - chord.margin, a.max(b) + chord.margin]
        }))
    }

    fn with(self, other: Self) -> Self {
        Self([0, 1].map(|axis| {
            let (a, b) = (self.0[axis], other.0[axis]);
            [a[0].min(b[0]), a[1].max(b[1])]
        }))
    }

    fn distance(&self, at: [f64; 2]) -> f64 {
        let off = |axis: usize| (self.0[axis][0] - at[axis]).max(at[axis] - self.0[axis][1]).max(0.0);
        off(0).hypot(off(1))
    }
}

impl Chord {
    /// How far the road is from a place at least (as far as this chord tells), and where along the road the nearest point
    /// of the chord is; `None` where a chord beside it has a nearer one, or the same.
    pub fn nearest(&self, at: [f64; 2]) -> (f64, Option<f64>) {
        let [a, b] = self.ends;
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let along = ((at[0] - a[0]) * dx + (at[1] - a[1]) * dy) / (dx * dx + dy * dy);
        let part = if along.is_finite() { along.clamp(0.0, 1.0) } else { 0.5 };
        let distance = (a[0] + part * dx - at[0]).hypot(a[1] + part * dy - at[1]);
        let goes_on = |c: [f64; 2]| (at[0] - b[0]) * (c[0] - b[0]) + (at[1] - b[1]) * (c[1] - b[1]) > 0.0;
        let mine = if part <= 0.0 { self.first } else { part < 1.0 || !self.next.is_some_and(goes_on) };
        ((distance - self.margin).max(0.0), mine.then_some(self.from + part * (self.to - self.from)))
    }

    fn middle(&self, axis: usize) -> f64 {
        f64::midpoint(self.ends[0][axis], self.ends[1][axis])
    }
}

impl Index {
    /// Of roads with this length together, metres.
    pub fn of(roads: &[Road], total: f64) -> Self {
        let mut index = Self::default();
        for (number, road) in roads.iter().enumerate() {
            index.add(number, road, (total / CHORDS).max(1.0));
        }
        if !index.chords.is_empty() {
            let count = index.chords.len();
            index.split(0, count);
        }
        index
    }

    fn add(&mut self, number: RoadIndex, road: &Road, shortest: f64) {
        let (width, first) = (road.half_width(), self.chords.len());
        for piece in road.pieces() {
            let bend = match piece.shape {
                Shape::Spiral { from, to } => from.abs().max(to.abs()),
                _ => (0..=16).map(|i| piece.curvature(piece.length * f64::from(i) / 16.0).abs()).fold(0.0, f64::max),
            };
            let step = (8.0 * SAG_M / bend.max(1e-9)).sqrt().clamp(shortest, CHORD_M.max(shortest));
            let count = (piece.length / step).ceil().clamp(1.0, CHORDS);
            let step = piece.length / count;
            let mut from = piece.at(0.0).at;
            for i in 0..count as usize {
                let (a, b) = (i as f64 * step, (i + 1) as f64 * step);
                let to = piece.at(b).at;
                // A curve is never farther from its chord than half its own length.
                let margin = width + (bend * step * step / 8.0).min(step / 2.0) + SAG_M;
                let ends = [[from.x, from.y], [to.x, to.y]];
                let (from_s, to_s) = (piece.s + a, piece.s + b);
                self.chords.push(Chord { road: number, from: from_s, to: to_s, ends, first: true, next: None, margin });
                from = to;
            }
        }
        for i in first + 1..self.chords.len() {
            let [[_, b], [c, d]] = [self.chords[i - 1].ends, self.chords[i].ends];
            if (c[0] - b[0]).hypot(c[1] - b[1]) < SAG_M {
                (self.chords[i - 1].next, self.chords[i].first) = (Some(d), false);
            }
        }
    }

    /// Builds the node over some chords and all below it; the tree is as deep as the logarithm of their number.
    fn split(&mut self, first: usize, count: usize) {
        let chords = &mut self.chords[first..first + count];
        let area = chords.iter().skip(1).fold(Area::of(&chords[0]), |area, chord| area.with(Area::of(chord)));
        let node = self.nodes.len();
        self.nodes.push(Node { area, first, count, second: 0 });
        if count <= LEAF {
            return;
        }
        let size = |axis: usize| area.0[axis][1] - area.0[axis][0];
        let axis = usize::from(size(1) > size(0));
        let half = count / 2;
        chords.select_nth_unstable_by(half, |a, b| {
            a.middle(axis).total_cmp(&b.middle(axis)).then(a.road.cmp(&b.road)).then(a.from.total_cmp(&b.from))
        });
        self.split(first, half);
        self.nodes[node].second = self.nodes.len();
        self.split(first + half, count - half);
    }

    /// Shows chords to `look` (the road, and where along it), nearer boxes first; what is farther away than what `look`
    /// returned last is left out.
    pub fn search(&self, at: [f64; 2], mut look: impl FnMut(RoadIndex, f64) -> f64) {
        if self.nodes.is_empty() {
            return;
        }
        let mut within = f64::INFINITY;
        let mut open = vec![(self.nodes[0].area.distance(at), 0)];
        while let Some((distance, number)) = open.pop() {
            if distance > within {
                continue;
            }
            let node = &self.nodes[number];
            if node.second == 0 {
                for chord in &self.chords[node.first..node.first + node.count] {
                    let (distance, s) = chord.nearest(at);
                    if let Some(s) = s.filter(|_| distance <= within) {
                        within = look(chord.road, s);
                    }
                }
                continue;
            }
            let mut below = [number + 1, node.second].map(|child| (self.nodes[child].area.distance(at), child));
            if below[0].0 < below[1].0 {
                below.reverse();
            }
            open.extend(below); // the nearer one is taken first
        }
    }
}
