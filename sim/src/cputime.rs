//! How much processor time this program and the programs it started have used: what a bench on a busy machine must count.

/// Ticks a second of the figures in `/proc`; fixed on Linux (`USER_HZ`).
const TICKS: f64 = 100.0;

/// User seconds of this process and of the children it has waited for; none where the system does not tell.
#[must_use]
pub fn user_s() -> Option<[f64; 2]> {
    // proc(5): utime is field 14 and cutime field 16; the name in field 2 may hold spaces, so count after its bracket.
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let own: f64 = fields.next()?.parse().ok()?;
    let children: f64 = fields.nth(1)?.parse().ok()?;
    Some([own / TICKS, children / TICKS])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_takes_user_time() {
        let before = user_s().unwrap()[0];
        let mut x = 1u64;
        let mut rounds = 0u64;
        while user_s().unwrap()[0] - before < 0.03 {
            (0..100_000).for_each(|i| x = x.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(i));
            rounds += 1;
            assert!(rounds < 1_000_000, "{x}");
        }
    }
}
