//! PCD files (Point Cloud Library, version 0.7): ascii, binary and binary_compressed in, binary or ascii out.

use std::io::{self, Write};

use super::lidar_udp::vlp16::Return;
use crate::frame::{Point, PointCloud};
use crate::limits::SWEEP_POINTS;

/// One field of the points.
#[derive(Clone, Debug)]
struct Field {
    name: String,
    bytes: usize,
    kind: u8,
    count: usize,
}

/// The header.
#[derive(Default)]
struct Header {
    fields: Vec<Field>,
    points: usize,
    height: usize,
    data: String,
}

/// Reads a PCD file: needs `x y z`, takes `intensity`, `ring` or `channel`, and `time_stamp` (ns) when there.
///
/// # Errors
/// It is no PCD file, is cut off, or has no `x y z`.
pub fn read(bytes: &[u8]) -> Result<PointCloud, String> {
    let (header, body) = parse_header(bytes)?;
    let step: usize = header.fields.iter().map(|f| f.bytes * f.count).sum();
    let columns = Columns::new(&header.fields)?;
    let mut points = Vec::with_capacity(header.points);
    match header.data.as_str() {
        "ascii" => read_ascii(body, &header, &columns, &mut points)?,
        "binary" => {
            let whole = body.get(..header.points * step).ok_or_else(|| cut_off(header.points * step, body.len()))?;
            points.extend(whole.chunks_exact(step).map(|row| columns.point(|f| number(&row[f.offset..], f))));
        }
        "binary_compressed" => {
            let planes = decompress(body, header.points * step)?;
            points
                .extend((0..header.points).map(|i| {
                    columns.point(|f| number(&planes[f.offset * header.points + i * f.bytes * f.count..], f))
                }));
        }
        other => return Err(format!("DATA {other} is not one of ascii, binary, binary_compressed")),
    }
    Ok(PointCloud { points, beams: None })
}

fn cut_off(wanted: usize, there: usize) -> String {
    format!("the file is cut off: {there} bytes of points instead of {wanted}")
}

fn parse_header(bytes: &[u8]) -> Result<(Header, &[u8]), String> {
    let mut header = Header::default();
    let (mut names, mut sizes, mut kinds, mut counts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut rest = bytes;
    let mut lines = 0;
    while header.data.is_empty() {
        lines += 1;
        let end = rest.iter().take(4096).position(|b| *b == b'\n');
        let (Some(end), true) = (end, lines < 100) else { return Err("no PCD header: no line `DATA …`".to_owned()) };
        let line = std::str::from_utf8(&rest[..end]).map_err(|_| "no PCD header: not a text".to_owned())?.trim();
        rest = &rest[end + 1..];
        let mut words = line.split_whitespace();
        let Some(key) = words.next() else { continue };
        let values: Vec<&str> = words.collect();
        let whole = |v: &str| v.parse::<usize>().map_err(|_| format!("`{line}`: whole numbers expected"));
        let wholes = || values.iter().map(|v| whole(v)).collect::<Result<Vec<_>, _>>();
        match key {
            "FIELDS" => names = values.iter().map(|v| (*v).to_owned()).collect(),
            "SIZE" => sizes = wholes()?,
            "TYPE" => kinds = values.iter().map(|v| v.as_bytes()[0]).collect(),
            "COUNT" => counts = wholes()?,
            "HEIGHT" => header.height = wholes()?.first().copied().unwrap_or(0),
            "POINTS" => header.points = wholes()?.first().copied().unwrap_or(0),
            "DATA" => header.data = values.first().copied().unwrap_or("?").to_owned(),
            _ => {}
        }
    }
    if counts.is_empty() {
        counts = vec![1; names.len()];
    }
    if sizes.len() != names.len() || kinds.len() != names.len() || counts.len() != names.len() {
        return Err("FIELDS, SIZE, TYPE and COUNT have different lengths".to_owned());
    }
    if header.points > SWEEP_POINTS {
        return Err(format!("{} points are more than the {SWEEP_POINTS} that are read", header.points));
    }
    for (((name, bytes), kind), count) in names.into_iter().zip(sizes).zip(kinds).zip(counts) {
        let known = matches!((kind, bytes), (b'F', 4 | 8) | (b'U' | b'I', 1 | 2 | 4 | 8));
        if !known || !(1..=256).contains(&count) {
            return Err(format!("field `{name}`: TYPE, SIZE or COUNT is not one that can be read"));
        }
        header.fields.push(Field { name, bytes, kind, count });
    }
    Ok((header, rest))
}

/// Where a field lies.
#[derive(Copy, Clone)]
struct Column {
    /// Bytes before it in a binary row.
    offset: usize,
    /// Words before it in an ascii row.
    word: usize,
    bytes: usize,
    kind: u8,
    count: usize,
}

/// The fields that are taken.
struct Columns {
    xyz: [Column; 3],
    intensity: Option<Column>,
    beam: Option<Column>,
    time_ns: Option<Column>,
}

impl Columns {
    fn new(fields: &[Field]) -> Result<Self, String> {
        let find = |wanted: &[&str]| {
            let (mut offset, mut word) = (0, 0);
            for f in fields {
                if wanted.contains(&f.name.as_str()) {
                    return Some(Column { offset, word, bytes: f.bytes, kind: f.kind, count: f.count });
                }
                offset += f.bytes * f.count;
                word += f.count;
            }
            None
        };
        let need = |name: &str| find(&[name]).ok_or_else(|| format!("there is no field `{name}`"));
        Ok(Self {
            xyz: [need("x")?, need("y")?, need("z")?],
            intensity: find(&["intensity", "i"]),
            beam: find(&["ring", "channel", "beam"]),
            time_ns: find(&["time_stamp"]),
        })
    }

    fn point(&self, value: impl Fn(&Column) -> f64) -> Point {
        let [x, y, z] = self.xyz.each_ref().map(|c| value(c) as f32);
        let optional = |c: &Option<Column>| c.as_ref().map_or(0.0, &value);
        Point {
            x,
            y,
            z,
            intensity: optional(&self.intensity) as f32,
            beam: optional(&self.beam) as u16,
            dt_s: (optional(&self.time_ns) * 1e-9) as f32,
        }
    }
}

fn number(at: &[u8], column: &Column) -> f64 {
    let mut raw = [0; 8];
    raw[..column.bytes].copy_from_slice(&at[..column.bytes]);
    let unsigned = u64::from_le_bytes(raw);
    match (column.kind, column.bytes) {
        (b'F', 4) => f64::from(f32::from_bits(unsigned as u32)),
        (b'F', _) => f64::from_bits(unsigned),
        (b'I', n) => {
            let unused = 64 - 8 * n as u32;
            ((unsigned << unused) as i64 >> unused) as f64
        }
        _ => unsigned as f64,
    }
}

fn read_ascii(body: &[u8], header: &Header, columns: &Columns, points: &mut Vec<Point>) -> Result<(), String> {
    let text = std::str::from_utf8(body).map_err(|_| "DATA ascii, but the points are no text".to_owned())?;
    let words_a_row: usize = header.fields.iter().map(|f| f.count).sum();
    for line in text.lines().filter(|l| !l.trim().is_empty()).take(header.points) {
        let row: Vec<f64> = line.split_whitespace().map(|w| w.parse().unwrap_or(f64::NAN)).collect();
        if row.len() != words_a_row {
            return Err(format!("point {} has {} values instead of {words_a_row}", points.len(), row.len()));
        }
        points.push(columns.point(|c| row[c.word]));
    }
    if points.len() == header.points {
        Ok(())
    } else {
        Err(format!("the file is cut off: {} points instead of {}", points.len(), header.points))
    }
}

/// The planes of a `binary_compressed` body.
fn decompress(body: &[u8], expected: usize) -> Result<Vec<u8>, String> {
    let size = |at: usize| {
        let bytes = body.get(at..at + 4).and_then(|b| b.try_into().ok()).ok_or_else(|| cut_off(8, body.len()))?;
        Ok::<usize, String>(u32::from_le_bytes(bytes) as usize)
    };
    let (packed, unpacked) = (size(0)?, size(4)?);
    if unpacked != expected {
        return Err(format!("{unpacked} bytes of points instead of {expected}"));
    }
    let packed = body.get(8..8 + packed).ok_or_else(|| cut_off(packed + 8, body.len()))?;
    let out = lzf(packed, expected).ok_or("the compressed points are damaged")?;
    if out.len() == expected { Ok(out) } else { Err(cut_off(expected, out.len())) }
}

/// LZF as in liblzf: literal runs and back references.
fn lzf(input: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(most.min(input.len().saturating_mul(8)));
    let mut bytes = input.iter().copied();
    while let Some(control) = bytes.next() {
        let control = usize::from(control);
        if control < 32 {
            for _ in 0..=control {
                out.push(bytes.next()?);
            }
        } else {
            let mut length = control >> 5;
            if length == 7 {
                length += usize::from(bytes.next()?);
            }
            let back = ((control & 0x1F) << 8) + usize::from(bytes.next()?) + 1;
            let start = out.len().checked_sub(back)?;
            for i in 0..length + 2 {
                out.push(out[start + i]);
            }
        }
        if out.len() > most {
            return None;
        }
    }
    Some(out)
}

/// Writes the returns of one sweep with these fields, in this order: `x y z` (metres, x forward, y left, z up),
/// `intensity`, `return_type` (see [`ReturnKind`](super::lidar_udp::vlp16::ReturnKind)), `channel` (from 0 at the bottom),
/// `azimuth` (radians clockwise from forward), `elevation` (radians), `distance` (metres), `time_stamp` (nanoseconds after
/// the sweep's first firing).
///
/// # Errors
/// The file cannot be written.
pub fn write(out: &mut impl Write, returns: &[Return], ascii: bool) -> io::Result<()> {
    let n = returns.len();
    write!(
        out,
        "# .PCD v0.7 - Point Cloud Data file format\nVERSION 0.7\n\
         FIELDS x y z intensity return_type channel azimuth elevation distance time_stamp\n\
         SIZE 4 4 4 1 1 2 4 4 4 4\nTYPE F F F U U U F F F U\nCOUNT 1 1 1 1 1 1 1 1 1 1\n\
         WIDTH {n}\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\nPOINTS {n}\nDATA {}\n",
        if ascii { "ascii" } else { "binary" }
    )?;
    for r in returns {
        let nanos = (r.offset_s * 1e9).round().clamp(0.0, f64::from(u32::MAX)) as u32;
        let kind = r.kind as u8;
        if ascii {
            writeln!(
                out,
                "{} {} {} {} {kind} {} {} {} {} {nanos}",
                r.x, r.y, r.z, r.intensity, r.channel, r.azimuth, r.elevation, r.distance
            )?;
            continue;
        }
        for v in [r.x, r.y, r.z] {
            out.write_all(&v.to_le_bytes())?;
        }
        out.write_all(&[r.intensity, kind])?;
        out.write_all(&r.channel.to_le_bytes())?;
        for v in [r.azimuth, r.elevation, r.distance] {
            out.write_all(&v.to_le_bytes())?;
        }
        out.write_all(&nanos.to_le_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::lidar_udp::vlp16::ReturnKind;
    use super::*;

    fn sample() -> Vec<Return> {
        (0..5)
            .map(|i| Return {
                x: i as f32,
                y: -1.5,
                z: 0.25,
                intensity: 200,
                kind: ReturnKind::Identical,
                channel: i,
                azimuth: 0.1,
                elevation: 0.2,
                distance: 3.0,
                offset_s: f64::from(i) * 1e-3,
            })
            .collect()
    }

    #[test]
    fn what_is_written_is_read_again() {
        for ascii in [false, true] {
            let mut file = Vec::new();
            write(&mut file, &sample(), ascii).unwrap();
            let cloud = read(&file).unwrap();
            assert_eq!(cloud.points.len(), 5);
            let p = cloud.points[3];
            assert_eq!((p.x, p.y, p.z, p.intensity, p.beam), (3.0, -1.5, 0.25, 200.0, 3));
            assert!((p.dt_s - 3e-3).abs() < 1e-9);
        }
    }

    #[test]
    fn a_file_that_is_cut_off_or_of_another_kind_is_refused() {
        let mut file = Vec::new();
        write(&mut file, &sample(), false).unwrap();
        assert!(read(&file[..file.len() - 1]).unwrap_err().contains("cut off"));
        assert!(read(b"").unwrap_err().contains("header"));
        assert!(read(&[0xFF; 5000]).unwrap_err().contains("header"));
        let text = String::from_utf8_lossy(&file).replace("POINTS 5", "POINTS 99999999999");
        assert!(read(text.as_bytes()).is_err());
        assert!(read(b"FIELDS a b\nSIZE 4 4\nTYPE F F\nPOINTS 0\nDATA ascii\n").unwrap_err().contains("`x`"));
    }

    #[test]
    fn a_compressed_file_is_unpacked() {
        // Two points (1, 2, 3), (1, 2, 3) by planes; the second of each pair is a reference to the first.
        let mut packed = Vec::new();
        for v in [1.0f32, 2.0, 3.0] {
            packed.push(3);
            packed.extend(v.to_le_bytes());
            packed.extend([2 << 5, 3]);
        }
        let mut file = b"FIELDS x y z\nSIZE 4 4 4\nTYPE F F F\nPOINTS 2\nDATA binary_compressed\n".to_vec();
        file.extend((packed.len() as u32).to_le_bytes());
        file.extend(24u32.to_le_bytes());
        file.extend(&packed);
        let cloud = read(&file).unwrap();
        assert_eq!(cloud.points.len(), 2);
        assert_eq!((cloud.points[1].x, cloud.points[1].y, cloud.points[1].z), (1.0, 2.0, 3.0));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(body in proptest::collection::vec(any::<u8>(), 0..200), n in 0usize..50) {
            for data in ["ascii", "binary", "binary_compressed"] {
                let mut file =
                    format!("FIELDS x y z i\nSIZE 4 8 2 1\nTYPE F F I U\nPOINTS {n}\nDATA {data}\n").into_bytes();
                file.extend(&body);
                let _ = read(&file);
            }
            let _ = read(&body);
        }
    }
}
