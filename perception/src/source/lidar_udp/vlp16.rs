//! Velodyne VLP-16 data packets (1206 bytes; VLP-16 User Manual 63-9243, chapter 9): 12 blocks of two firings of 16
//! lasers, little-endian, azimuth in 0.01°, distance in 2 mm.

use super::angles::Angles;

/// Bytes of a position packet (GPS); it holds no points.
pub const POSITION_BYTES: usize = 554;
const DATA_BYTES: usize = 1206;
const BLOCKS: usize = 12;
const BLOCK_BYTES: usize = 100;
const LASERS: usize = 16;
const LASER_S: f64 = 2.304e-6;
const FIRING_S: f64 = 55.296e-6;
const BLOCK_S: f64 = 2.0 * FIRING_S;
/// The factory byte of a VLP-16 (and Puck Lite).
const MODEL: u8 = 0x22;
const DUAL: u8 = 0x39;
const LAST: u8 = 0x38;
const STRONGEST: u8 = 0x37;
const RESOLUTION_M: f32 = 0.002;
/// The rotor does not turn faster than 20 Hz: more than this between two blocks is a gap, not a step.
const LARGEST_STEP_CDEG: i32 = 200;

/// Azimuth of the firings in the last block (the last two in dual-return mode), whose end the packet does not tell.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Default)]
pub enum AzimuthRule {
    /// The rotor goes on as in the block before: what it does.
    #[default]
    Extrapolate,
    /// The azimuth stands still, as widely used decoders do it (up to 0.4° off); for comparison with their clouds.
    Hold,
}

/// What kind of echo a return is; the numbers are those of the widely used `return_type` point field.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ReturnKind {
    /// The last one (single-return mode).
    Last = 1,
    /// The strongest one (single-return mode).
    Strongest = 3,
    /// The nearer and weaker of two.
    FirstWeak = 4,
    /// The farther and weaker of two.
    LastWeak = 5,
    /// Strongest and last in one.
    Identical = 6,
    /// The nearer and stronger of two.
    FirstStrongest = 9,
    /// The farther and stronger of two.
    LastStrongest = 10,
}

/// One return, in the sensor frame (x forward, y left, z up).
#[derive(Copy, Clone, Debug)]
pub struct Return {
    /// Forward, metres.
    pub x: f32,
    /// Left, metres.
    pub y: f32,
    /// Up, metres.
    pub z: f32,
    /// Calibrated reflectivity.
    pub intensity: u8,
    /// Kind of echo.
    pub kind: ReturnKind,
    /// Beam, from 0 at the bottom.
    pub channel: u16,
    /// Clockwise from forward as the sensor counts, radians, 0..2π.
    pub azimuth: f32,
    /// Up from the horizon, radians.
    pub elevation: f32,
    /// Metres.
    pub distance: f32,
    /// Seconds after the packet's time; after the sweep's when in a sweep.
    pub offset_s: f64,
}

/// What a packet holds beside its returns.
pub(super) struct Header {
    /// Time of the first firing, microseconds since the full hour.
    pub micros: u32,
    pub blocks: [Block; BLOCKS],
}

/// One block of a packet.
#[derive(Copy, Clone, Default)]
pub(super) struct Block {
    pub azimuth_cdeg: u16,
    /// Its first firing after the packet's time.
    pub offset_s: f64,
    /// How many returns it gave.
    pub returns: usize,
}

/// The bytes are no data packet of this sensor.
#[derive(Debug)]
pub(super) struct NotData;

/// Appends the returns of a packet to `out`.
pub(super) fn decode(
    bytes: &[u8],
    angles: &Angles,
    rule: AzimuthRule,
    out: &mut Vec<Return>,
) -> Result<Header, NotData> {
    let data: &[u8; DATA_BYTES] = bytes.try_into().map_err(|_| NotData)?;
    let mode = data[DATA_BYTES - 2];
    if data[DATA_BYTES - 1] != MODEL || !matches!(mode, STRONGEST | LAST | DUAL) {
        return Err(NotData);
    }
    let mut blocks = [Block::default(); BLOCKS];
    for (b, block) in blocks.iter_mut().enumerate() {
        let head = &data[b * BLOCK_BYTES..];
        block.azimuth_cdeg = u16::from_le_bytes([head[2], head[3]]);
        if head[..2] != [0xFF, 0xEE] || block.azimuth_cdeg >= 36_000 {
            return Err(NotData);
        }
        // In dual-return mode two blocks tell of the same firings.
        block.offset_s = (if mode == DUAL { b / 2 } else { b }) as f64 * BLOCK_S;
    }
    for b in 0..BLOCKS {
        let before = out.len();
        decode_block(data, b, mode, &blocks, (angles, rule), out);
        blocks[b].returns = out.len() - before;
    }
    let micros = u32::from_le_bytes([data[1200], data[1201], data[1202], data[1203]]);
    Ok(Header { micros, blocks })
}

fn decode_block(
    data: &[u8; DATA_BYTES],
    b: usize,
    mode: u8,
    blocks: &[Block; BLOCKS],
    (angles, rule): (&Angles, AzimuthRule),
    out: &mut Vec<Return>,
) {
    let step = azimuth_step(b, mode, blocks, rule);
    let echo = |block: usize, k: usize| {
        let at = block * BLOCK_BYTES + 4 + k * 3;
        (u16::from_le_bytes([data[at], data[at + 1]]), data[at + 2])
    };
    for k in 0..2 * LASERS {
        let (ticks, intensity) = echo(b, k);
        let twin = (mode == DUAL).then(|| echo(b ^ 1, k));
        // The strongest echo is often the last one too: then both blocks of the pair hold it, and one is enough.
        if ticks == 0 || (b % 2 == 1 && twin.is_some_and(|t| t.0 == ticks)) {
            continue;
        }
        let (firing, laser) = (k / LASERS, k % LASERS);
        let within_s = laser as f64 * LASER_S + firing as f64 * FIRING_S;
        let azimuth_deg = (f64::from(blocks[b].azimuth_cdeg) + step * within_s / BLOCK_S) * 0.01;
        let kind = kind(mode, (ticks, intensity), twin);
        let placed = angles.place(laser, azimuth_deg.to_radians() as f32, f32::from(ticks) * RESOLUTION_M);
        out.push(Return {
            x: placed.point[0],
            y: placed.point[1],
            z: placed.point[2],
            intensity,
            kind,
            channel: placed.channel,
            azimuth: placed.azimuth,
            elevation: placed.elevation,
            distance: placed.distance,
            offset_s: blocks[b].offset_s + within_s,
        });
    }
}

/// How far the rotor turns during block `b`, hundredths of a degree.
fn azimuth_step(b: usize, mode: u8, blocks: &[Block; BLOCKS], rule: AzimuthRule) -> f64 {
    let stride = if mode == DUAL { 2 } else { 1 };
    let step = |from: usize, to: usize| {
        let step = (i32::from(blocks[to].azimuth_cdeg) - i32::from(blocks[from].azimuth_cdeg)).rem_euclid(36_000);
        if step <= LARGEST_STEP_CDEG { f64::from(step) } else { 0.0 }
    };
    match (b + stride < BLOCKS, rule) {
        (true, _) => step(b, b + stride),
        (false, AzimuthRule::Extrapolate) => step(b - stride, b),
        (false, AzimuthRule::Hold) => 0.0,
    }
}

fn kind(mode: u8, (ticks, intensity): (u16, u8), twin: Option<(u16, u8)>) -> ReturnKind {
    match (mode, twin) {
        (LAST, _) => ReturnKind::Last,
        (_, None) => ReturnKind::Strongest,
        (_, Some((other, _))) if other == 0 || other == ticks => ReturnKind::Identical,
        (_, Some((other, other_intensity))) => {
            let first = ticks < other;
            let strongest = if intensity == other_intensity { !first } else { intensity > other_intensity };
            match (first, strongest) {
                (true, true) => ReturnKind::FirstStrongest,
                (true, false) => ReturnKind::FirstWeak,
                (false, true) => ReturnKind::LastStrongest,
                (false, false) => ReturnKind::LastWeak,
            }
        }
    }
}
